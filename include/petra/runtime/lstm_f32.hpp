// float LSTM: a whole sequence, or one step (steps = 1).
//
// i, f, o = s(W x + U h + b) of their gates    g = tanh(Wg x + Ug h + bg)    s: logistic function
// c' = f c + i g    h' = o tanh(c')
//
// x (T,C), h (H): the first state, c (H): the cell state, replaced by the last one, y (T,H): all states. W (4,H,C),
// U (4,H,H) packed by pack_gates with the gates in the order i, f, g, o, that of PyTorch and Keras; one bias (4,H)
// packed by pack_gate_bias (PyTorch's two are added).
//
// Source: Gers, Schmidhuber, Cummins, "Learning to forget", 2000. Logistic function and tanh as in core/tanh_f32.hpp.
// Deterministic; the order of summation depends on the instruction set and the shape only.
// Pre: y overlaps neither x nor h; scratch has recurrent_scratch(4, shape) floats.
#pragma once
#include "petra/core/tanh_f32.hpp"
#include "petra/runtime/recurrent_f32.hpp"

namespace petra::inline PETRA_ABI::rt {

struct lstm_cell {
  static constexpr int gates = 4;

  // Units [first, first + 16 (Blocks - 1) + n).
  template <int Blocks, bool Input>
  [[gnu::noinline]] static void tile(recurrent_step const& s, index_t n) noexcept {
    constexpr int parts = vectors_per_unit_block;
    auto const units = [&](int b) __attribute__((always_inline)) { return b + 1 < Blocks ? unit_block : n; };
    f32v sum[1][Blocks][4][parts];
#pragma GCC unroll 64
    for (int b = 0; b < Blocks; ++b)
#pragma GCC unroll 64
      for (int g = 0; g < 4; ++g)
        load_units((Input ? s.bias : s.a) + 4 * b * unit_block + g * units(b), units(b), sum[0][b][g]);
    if constexpr (Input) add_gate_sums<1, Blocks, 4>(s.x, 0, s.in, s.w, n, sum);
    add_gate_sums<1, Blocks, 4>(s.h, 0, s.hidden, s.u, n, sum);
#pragma GCC unroll 64
    for (int b = 0; b < Blocks; ++b) {
      f32v c[parts], h[parts];
      float* const cell = s.c + s.first + b * unit_block;
      load_units(cell, units(b), c);
#pragma GCC unroll 4
      for (int j = 0; j < parts; ++j) {
        // Products of quotients are divided once: three divisions instead of five, and two multiplications less in a row.
        auto const i = elementary::gate(sum[0][b][0][j]), f = elementary::gate(sum[0][b][1][j]);
        auto const g = elementary::squash(sum[0][b][2][j]), o = elementary::gate(sum[0][b][3][j]);
        c[j] = f.value() * c[j] + (i * g).value();
        h[j] = (o * elementary::squash(c[j])).value();
      }
      store_units(cell, units(b), c);
      store_units(s.y + s.first + b * unit_block, units(b), h);
    }
  }
};

template <class Shape>
inline void lstm_f32(Shape shape, float const* x, float const* h, float* c, float const* w, float const* u,
                     float const* bias, float* scratch, float* y) noexcept {
  recurrent_f32<lstm_cell>(shape, x, h, c, w, u, bias, scratch, y);
}

}  // namespace petra::rt
