// int8 GRU: a whole sequence, or one step (steps = 1). The equations of runtime/gru_f32.hpp in integers.
//
// Of each gate: i = sat16(requantize(bi + sum (x - x_zero) w)), s = sat16(requantize(bh + sum h u)), units of 2^-12
// r = logistic(i + s)    z likewise    n = tanh(i + r s)    v' = n + z (v - n)    h' = sat8((v' + 64) >> 7)
//
// x (T,C) int8; h (H) int8 in units of 2^-7, zero point 0: the first state, y (T,H) all states on the same grid;
// v (H) int16 in units of 2^-14: the state as it is carried on, replaced by the last one (updates smaller than half a
// step of int8 are not lost). W (3,H,C), U (3,H,H) int8, a factor per gate and unit; gates in the order r, z, n. Sums
// i + s and i + r s saturate; products are (a b + 2^14) >> 15. Biases come folded (fold_gate_bias).
//
// Bit-exact on every instruction set and to kernel/reference/gru_s8.hpp. Logistic function and tanh: gates_s8.hpp.
// Deterministic. Pre: y overlaps neither x nor h; h = sat8((v + 64) >> 7); C, H <= 65536.
#pragma once
#include "petra/runtime/gates_s8.hpp"

namespace petra::inline PETRA_ABI::rt {

struct gru_cell_s8 {
  static constexpr int gates = 3;

  // i: arguments from the input, s: from the state, v: the state carried on. Returns what y stores.
  PETRA_INLINE static s16v advance(s16v const (&i)[3], s16v const (&s)[3], s16v& v) noexcept {
    s16v const r = as_factor(logistic_s16(add(i[0], s[0]))), z = as_factor(logistic_s16(add(i[1], s[1])));
    s16v const fresh = tanh_s16(add(i[2], multiply(r, s[2])));
    v = fresh + multiply(v - fresh, z);
    return v;
  }
};

// All steps of a cell.
template <class Cell, class Rounding, class Shape>
inline void recurrent_s8(Shape shape, std::int8_t const* x, std::int8_t const* h, std::int16_t* state,
                         gate_weights_s8 const& w, gate_weights_s8 const& u, std::int8_t* y) noexcept {
  recurrent_shape const s = shape;
  constexpr int gates = Cell::gates;
  gate_group<gates> of_input, of_state;
  gate_factors<gates, Rounding> w_factors, u_factors;
  for (index_t t = 0; t < s.steps; ++t, x += s.in, h = y, y += s.hidden)
    for (index_t group = 0; group < s.hidden; group += unit_group) {
      index_t const units = s.hidden - group < unit_group ? s.hidden - group : unit_group;
      if (t == 0 || s.hidden > unit_group) {
        load_factors(w, group, units, w_factors);
        load_factors(u, group, units, u_factors);
      }
      // The products of the input come first: they need not wait for the last step.
      group_arguments<gates, Rounding>(x, s.in, w, group, units, w_factors, of_input);
      group_arguments<gates, Rounding>(h, s.hidden, u, group, units, u_factors, of_state);
      for (index_t first = 0; first < units; first += s16_lanes) {
        s16v i[gates], a[gates];
        for (int g = 0; g < gates; ++g) {
          i[g] = load(of_input.a[g] + first, s16_lanes);
          a[g] = load(of_state.a[g] + first, s16_lanes);
        }
        s16v carried = load(state + group + first, units - first);
        s16v const out = Cell::advance(i, a, carried);
        store(state + group + first, carried, units - first);
        store(y + group + first, (out + 64) >> 7, units - first);
      }
    }
}

template <class Rounding = rounding::single, class Shape>
inline void gru_s8(Shape shape, std::int8_t const* x, std::int8_t const* h, std::int16_t* v, gate_weights_s8 const& w,
                   gate_weights_s8 const& u, std::int8_t* y) noexcept {
  recurrent_s8<gru_cell_s8, Rounding>(shape, x, h, v, w, u, y);
}

}  // namespace petra::rt
