// The cell of an LSTM in training, the specification; driven by kernel/reference/gru_training.hpp.
//
// lstm_cell   i = s(0)  f = s(1)  g = tanh(2)  o = s(3)  c' = f c + i g  h' = o tanh(c')     s: logistic function of a sum
//
// Saved of every step: i, f, g, o and the cell state c'. One bias: PyTorch's two are added.
// Source: Gers, Schmidhuber, Cummins, "Learning to forget", 2000.
#pragma once
#include "petra/kernel/reference/gru_training.hpp"

namespace petra::inline PETRA_ABI::kernel {

struct lstm_cell {
  static constexpr index_t gates = 4, saved = 5;
  static constexpr index_t of_input[] = {0, 1, 2, 3}, of_state[] = {0, 1, 2, 3};
  static constexpr index_t slope_of_input[] = {0, 1, 2, 3}, slope_of_state[] = {0, 1, 2, 3};

  template <scalar T>
  static T advance(T const* sum, T, T* now, T const* before, index_t step) {
    T const i = logistic(sum[0]), f = logistic(sum[1]), g = std::tanh(sum[2]), o = logistic(sum[3]);
    T const c = (before == nullptr ? T(0) : f * before[4 * step]) + i * g;
    now[0] = i, now[step] = f, now[2 * step] = g, now[3 * step] = o, now[4 * step] = c;
    return o * std::tanh(c);
  }
  template <scalar T>
  static void retreat(T, T& dh, T& dc, T const* now, T const* before, T* slope, index_t step) {
    T const i = now[0], f = now[step], g = now[2 * step], o = now[3 * step], c = std::tanh(now[4 * step]);
    dc += dh * o * (1 - c * c);
    slope[0] = dc * g * i * (1 - i);
    slope[step] = before == nullptr ? T(0) : dc * before[4 * step] * f * (1 - f);
    slope[2 * step] = dc * i * (1 - g * g);
    slope[3 * step] = dh * c * o * (1 - o);
    dc *= f;
    dh = 0;
  }
};

}  // namespace petra::kernel
