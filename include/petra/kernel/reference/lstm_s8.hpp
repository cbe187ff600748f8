// int8 long short-term memory over a sequence, the specification: kernel/reference/lstm.hpp in integers.
//
// Of each gate: a = sat16(sat16(requantize(b + sum (x - x_zero) w)) + sat16(requantize(sum h u))), units of 2^-12
// i, f, o = logistic(a)    g = tanh(a)    c' = sat16(f c + ((i g + 2) >> 2))    h' = sat8((o tanh(c') + 64) >> 7)
//
// x (T,C), h (H) in units of 2^-7, c (H) in units of 2^-12: replaced; y (T,H) in units of 2^-7. Gates in the order i, f,
// g, o. Assigns y. Fixed point: kernel/reference/gates_s8.hpp.
#pragma once
#include "petra/kernel/reference/gates_s8.hpp"
#include "petra/kernel/reference/gru.hpp"

namespace petra::inline PETRA_ABI::kernel {

template <class Rounding = round_once>
constexpr void lstm_s8(scalar_tag, recurrent_dims const& d, std::int8_t const* x, std::int8_t const* h, std::int16_t* c,
                       gate_product_s8 const& w, gate_product_s8 const& u, std::int8_t* y) {
  index_t const n = d.hidden;
  for (index_t t = 0; t < d.steps; ++t, x += d.in, h = y, y += n)
    for (index_t o = 0; o < n; ++o) {
      auto const a = [&](index_t g) {
        return saturate_s16(gate_argument<Rounding>(w, d.in, x, g * n + o) +
                            gate_argument<Rounding>(u, n, h, g * n + o));
      };
      std::int32_t const i = factor_s16(logistic_s16(a(0))), f = factor_s16(logistic_s16(a(1)));
      std::int32_t const g = tanh_s16(a(2)), out = factor_s16(logistic_s16(a(3)));
      c[o] = static_cast<std::int16_t>(saturate_s16(product_s16(f, c[o]) + ((product_s16(i, g) + 2) >> 2)));
      y[o] = state_s8(product_s16(out, tanh_s16(c[o])));
    }
}

}  // namespace petra::kernel
