// float GRU: a whole sequence, or one step (steps = 1).
//
// r = s(Wr x + bir + Ur h + bhr)    z = s(Wz x + biz + Uz h + bhz)    s: logistic function
// n = tanh(Wn x + bin + r (Un h + bhn))    h' = (1 - z) n + z h
//
// x (T,C), h (H): the first state, y (T,H): all states. W (3,H,C), U (3,H,H) packed by pack_gates with the gates in the
// order r, z, n; biases by pack_gru_bias. The reset gate multiplies after the matrix product: PyTorch's GRU, Keras's
// with reset_after = True (whose gate order is z, r, n).
//
// Source: Cho et al., "Learning phrase representations using RNN encoder-decoder", 2014, section 2.3, in cuDNN's form.
// Logistic function and tanh as in core/tanh_f32.hpp. Deterministic; the order of summation depends on the instruction
// set and the shape only.
// Pre: y overlaps neither x nor h; scratch has recurrent_scratch(3, shape) floats.
#pragma once
#include "petra/core/tanh_f32.hpp"
#include "petra/runtime/recurrent_f32.hpp"

namespace petra::inline PETRA_ABI::rt {

// input, state (3,H): the two biases of PyTorch and Keras -> packed, 4 * H elements.
constexpr void pack_gru_bias(index_t hidden, float const* input, float const* state, float* packed) noexcept {
  for (index_t first = 0; first < hidden; first += unit_block) {
    index_t const n = hidden - first < unit_block ? hidden - first : unit_block;
    for (index_t g = 0; g < bias_rows; ++g)
      for (index_t i = first; i < first + n; ++i)
        *packed++ = g < 2    ? input[g * hidden + i] + state[g * hidden + i]
                    : g == 2 ? input[2 * hidden + i]
                             : state[2 * hidden + i];
  }
}

struct gru_cell {
  static constexpr int gates = 3;

  // Units [first, first + 16 (Blocks - 1) + n).
  template <int Blocks, bool Input>
  [[gnu::noinline]] static void tile(recurrent_step const& s, index_t n) noexcept {
    constexpr int parts = vectors_per_unit_block;
    auto const units = [&](int b) __attribute__((always_inline)) { return b + 1 < Blocks ? unit_block : n; };
    f32v sum[1][Blocks][3][parts], input[Blocks][parts];
#pragma GCC unroll 64
    for (int b = 0; b < Blocks; ++b) {
      float const* const bias = s.bias + b * unit_block * bias_rows;
      float const* const start = Input ? bias : s.a + b * unit_block * gates;
#pragma GCC unroll 64
      for (int g = 0; g < 3; ++g) load_units(start + g * units(b), units(b), sum[0][b][g]);
    }
    if constexpr (Input) add_gate_sums<1, Blocks, 3>(s.x, 0, s.in, s.w, n, sum);
#pragma GCC unroll 64
    for (int b = 0; b < Blocks; ++b) {
#pragma GCC unroll 4
      for (int j = 0; j < parts; ++j) input[b][j] = sum[0][b][2][j];
      load_units(s.bias + b * unit_block * bias_rows + 3 * units(b), units(b), sum[0][b][2]);
    }
    add_gate_sums<1, Blocks, 3>(s.h, 0, s.hidden, s.u, n, sum);
#pragma GCC unroll 64
    for (int b = 0; b < Blocks; ++b) {
      f32v h[parts];
      load_units(s.h + s.first + b * unit_block, units(b), h);
#pragma GCC unroll 4
      for (int j = 0; j < parts; ++j) {
        f32v const r = elementary::gate(sum[0][b][0][j]).value(), z = elementary::gate(sum[0][b][1][j]).value();
        f32v const fresh = elementary::squash(r * sum[0][b][2][j] + input[b][j]).value();
        h[j] = (1.f - z) * fresh + z * h[j];  // both factors of `fresh` are there before it is
      }
      store_units(s.y + s.first + b * unit_block, units(b), h);
    }
  }
};

template <class Shape>
inline void gru_f32(Shape shape, float const* x, float const* h, float const* w, float const* u, float const* bias,
                    float* scratch, float* y) noexcept {
  recurrent_f32<gru_cell>(shape, x, h, nullptr, w, u, bias, scratch, y);
}

}  // namespace petra::rt
