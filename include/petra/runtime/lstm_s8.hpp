// int8 LSTM: a whole sequence, or one step (steps = 1). The equations of runtime/lstm_f32.hpp in integers.
//
// Of each gate: a = sat16(requantize(b + sum (x - x_zero) w)) + sat16(requantize(sum h u)), saturated, units of 2^-12
// i, f, o = logistic(a)    g = tanh(a)    c' = f c + ((i g + 2) >> 2), saturated    h' = sat8((o tanh(c') + 64) >> 7)
//
// x (T,C) int8; h (H) int8 in units of 2^-7, zero point 0: the first state, y (T,H) all states on the same grid; c (H)
// int16 in units of 2^-12, replaced by the last cell state. W (4,H,C), U (4,H,H) int8, a factor per gate and unit; gates
// in the order i, f, g, o. Products are (a b + 2^14) >> 15. Biases come folded (fold_gate_bias).
//
// Bit-exact on every instruction set and to kernel/reference/lstm_s8.hpp. Logistic function and tanh: gates_s8.hpp.
// Deterministic. Pre: y overlaps neither x nor h; C, H <= 65536.
#pragma once
#include "petra/runtime/gru_s8.hpp"

namespace petra::inline PETRA_ABI::rt {

struct lstm_cell_s8 {
  static constexpr int gates = 4;

  PETRA_INLINE static s16v advance(s16v const (&x)[4], s16v const (&s)[4], s16v& c) noexcept {
    s16v const i = as_factor(logistic_s16(add(x[0], s[0]))), f = as_factor(logistic_s16(add(x[1], s[1])));
    s16v const g = tanh_s16(add(x[2], s[2])), o = as_factor(logistic_s16(add(x[3], s[3])));
    c = add(multiply(f, c), (multiply(i, g) + 2) >> 2);
    return multiply(o, tanh_s16(c));
  }
};

template <class Rounding = rounding::single, class Shape>
inline void lstm_s8(Shape shape, std::int8_t const* x, std::int8_t const* h, std::int16_t* c, gate_weights_s8 const& w,
                    gate_weights_s8 const& u, std::int8_t* y) noexcept {
  recurrent_s8<lstm_cell_s8, Rounding>(shape, x, h, c, w, u, y);
}

}  // namespace petra::rt
