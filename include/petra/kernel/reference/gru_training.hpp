// Recurrent layers in training, the specification: a batch of sequences forward, and the gradients of the sums of the gates
// backward. Here the driver, and the GRU; kernel/reference/lstm_training.hpp has the LSTM.
//
// A cell forms four sums a unit from bias, input and state, and makes the next state of them:
//
// gru_cell    r = s(0)  z = s(1)  n = tanh(2 + r 3)  h' = (1 - z) n + z h     s: logistic function of a sum
//             0, 1: W x + U h;  2: Wn x;  3: Un h, biases included. PyTorch's GRU.
//
// W (G,H,C) and U (G,H,H) have the gates in the order of the sums they add to. Saved of every step: H of each gate (gru_cell:
// r, z, n, and sum 3), then what else the cell needs. The gradients of the four sums, their slopes, have an order of their
// own, in which those of the state's gates lie side by side: their product with U is what a step has to wait for.
// Source: Cho et al., "Learning phrase representations using RNN encoder-decoder", 2014, section 2.3, in cuDNN's form;
// Werbos, "Backpropagation through time", 1990.
#pragma once
#include <algorithm>
#include <vector>

#include "petra/kernel/recurrent_batch.hpp"
#include "petra/kernel/reference/gru.hpp"
#include "petra/kernel/workspace.hpp"

namespace petra::inline PETRA_ABI::kernel {

struct gru_cell {
  static constexpr index_t gates = 3, saved = 4;
  // Which sum a gate of the input, and of the state, adds to, and which slope is that sum's.
  static constexpr index_t of_input[] = {0, 1, 2}, of_state[] = {0, 1, 3};
  static constexpr index_t slope_of_input[] = {1, 2, 0}, slope_of_state[] = {1, 2, 3};

  // sum (4): of one unit. h: its state. now, before: what is saved of it at this step and the last, numbers `step` apart
  // (before: nullptr at the first). Returns the next state.
  template <scalar T>
  static T advance(T const* sum, T h, T* now, T const*, index_t step) {
    T const r = logistic(sum[0]), z = logistic(sum[1]), n = std::tanh(sum[2] + r * sum[3]);
    now[0] = r, now[step] = z, now[2 * step] = n, now[3 * step] = sum[3];
    return (1 - z) * n + z * h;
  }
  // dh: the gradient of the next state, replaced by that of the state as far as it does not go through a sum; the second one
  // the same of what else the cell carries. slope (4): assigned.
  template <scalar T>
  static void retreat(T h, T& dh, T&, T const* now, T const*, T* slope, index_t step) {
    T const r = now[0], z = now[step], n = now[2 * step], inner = now[3 * step], dn = dh * (1 - z) * (1 - n * n);
    slope[0] = dn;
    slope[step] = dn * inner * r * (1 - r);
    slope[2 * step] = dh * (h - n) * z * (1 - z);
    slope[3 * step] = dn * r;
    dh *= z;
  }
};

// Numbers of w, u and bias as recurrent_forward reads them; here one behind the other.
template <class Cell>
constexpr index_t packed_recurrent_size(scalar_tag, index_t in, index_t hidden) {
  return hidden * (Cell::gates * (in + hidden) + 4);
}
// w (G,H,C), u (G,H,H), bias (4,H) of the sums.
template <class Cell, scalar T>
constexpr void pack_recurrent(scalar_tag, index_t in, index_t hidden, T const* w, T const* u, T const* bias,
                              T* packed) {
  packed = std::copy_n(bias, 4 * hidden, packed);
  packed = std::copy_n(w, Cell::gates * hidden * in, packed);
  std::copy_n(u, Cell::gates * hidden * hidden, packed);
}

// y (N,L,.): the states, zeros in padding; saved (N,L,Cell::saved,H): of steps that are no padding. The first state is zero.
// Assigns both.
template <class Cell, scalar T>
void recurrent_forward(scalar_tag, recurrent_batch const& d, T const* x, T const* packed, T* y, T* saved, workspace&) {
  index_t const h = d.hidden, row = Cell::saved * h;
  T const *const bias = packed, *const w = bias + 4 * h, *const u = w + Cell::gates * h * d.in;
  std::vector<T> const nothing(static_cast<std::size_t>(h));
  for (index_t n = 0; n < d.samples; ++n) {
    for (index_t k = 0; k < d.valid(n); ++k) {
      index_t const at = d.row(n, k), last = k == 0 ? -1 : d.row(n, k - 1);
      T const* const state = k == 0 ? nothing.data() : y + last * d.y_row;
      for (index_t o = 0; o < h; ++o) {
        T sum[4];
        for (index_t s = 0; s < 4; ++s) sum[s] = bias[s * h + o];
        for (index_t g = 0; g < Cell::gates; ++g) {
          T &a = sum[Cell::of_input[g]], &b = sum[Cell::of_state[g]];
          a = gate_sum(d.in, a, w + (g * h + o) * d.in, x + at * d.in);
          b = gate_sum(h, b, u + (g * h + o) * h, state);
        }
        y[at * d.y_row + o] =
            Cell::advance(sum, state[o], saved + at * row + o, k == 0 ? nullptr : saved + last * row + o, h);
      }
    }
    for (index_t k = d.valid(n); k < d.steps; ++k) std::fill_n(y + (n * d.steps + k) * d.y_row, h, T(0));
  }
}

// Where recurrent_backward puts gradients.
template <scalar T>
struct recurrent_gradients {
  T *w, *u, *sums;  // (G,H,C), (G,H,H) and the four sums over all steps (4,H): accumulates into them
  T* x;             // (N,L,C), or nullptr
  bool add_to_x;    // else x is assigned, zeros in padding
};

// U as recurrent_backward reads it.
template <class Cell>
constexpr index_t packed_state_size(scalar_tag, index_t hidden) {
  return Cell::gates * hidden * hidden;
}
template <class Cell, scalar T>
constexpr void pack_state(scalar_tag, index_t hidden, T const* u, T* packed) {
  std::copy_n(u, Cell::gates * hidden * hidden, packed);
}

// dy: of the states (N,L,.), rows y_row apart, or nullptr; dlast: of the last state of each sample, rows last_row apart, or
// nullptr. w: as given to pack_recurrent. y, saved: what recurrent_forward made.
template <class Cell, scalar T>
void recurrent_backward(scalar_tag, recurrent_batch const& d, T const* x, T const* w, T const* packed, T const* y,
                        T const* saved, T const* dy, T const* dlast, index_t last_row, recurrent_gradients<T> const& to,
                        workspace&) {
  index_t const h = d.hidden, c = d.in, row = Cell::saved * h;
  std::vector<T> const nothing(static_cast<std::size_t>(h));
  if (to.x != nullptr && !to.add_to_x) std::fill_n(to.x, d.samples * d.steps * c, T(0));
  for (index_t n = 0; n < d.samples; ++n) {
    std::vector<T> carry(nothing), cell(nothing), slopes(static_cast<std::size_t>(4 * h));
    for (index_t o = 0; dlast != nullptr && o < h; ++o) carry[static_cast<std::size_t>(o)] = dlast[n * last_row + o];
    for (index_t k = d.valid(n); k-- > 0;) {
      index_t const at = d.row(n, k), last = k == 0 ? -1 : d.row(n, k - 1);
      T const* const state = k == 0 ? nothing.data() : y + last * d.y_row;
      for (index_t o = 0; o < h; ++o) {
        auto const i = static_cast<std::size_t>(o);
        if (dy != nullptr) carry[i] += dy[at * d.y_row + o];
        Cell::retreat(state[o], carry[i], cell[i], saved + at * row + o, k == 0 ? nullptr : saved + last * row + o,
                      slopes.data() + o, h);
      }
      for (index_t s = 0; s < 4 * h; ++s) to.sums[s] += slopes[static_cast<std::size_t>(s)];
      for (index_t g = 0; g < Cell::gates; ++g)
        for (index_t o = 0; o < h; ++o) {
          T const in = slopes[static_cast<std::size_t>(Cell::slope_of_input[g] * h + o)],
                  before = slopes[static_cast<std::size_t>(Cell::slope_of_state[g] * h + o)];
          index_t const unit = g * h + o;
          for (index_t i = 0; i < c; ++i) to.w[unit * c + i] += in * x[at * c + i];
          for (index_t i = 0; i < c && to.x != nullptr; ++i) to.x[at * c + i] += in * w[unit * c + i];
          for (index_t i = 0; i < h; ++i) to.u[unit * h + i] += before * state[i];
          for (index_t i = 0; i < h; ++i) carry[static_cast<std::size_t>(i)] += before * packed[unit * h + i];
        }
    }
  }
}

}  // namespace petra::kernel
