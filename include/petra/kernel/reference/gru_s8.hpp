// int8 gated recurrent unit over a sequence, the specification: kernel/reference/gru.hpp in integers.
//
// Of each gate: i = sat16(requantize(bi + sum (x - x_zero) w)), s = sat16(requantize(bh + sum h u)), units of 2^-12
// r = logistic(sat16(i + s))    z likewise    n = tanh(sat16(i + r s))    v' = n + z (v - n)    h' = sat8((v' + 64) >> 7)
//
// x (T,C), h (H) in units of 2^-7, v (H) in units of 2^-14: replaced; y (T,H) in units of 2^-7. Gates in the order r, z,
// n. Assigns y. Fixed point: kernel/reference/gates_s8.hpp.
#pragma once
#include "petra/kernel/reference/gates_s8.hpp"
#include "petra/kernel/reference/gru.hpp"

namespace petra::inline PETRA_ABI::kernel {

template <class Rounding = round_once>
constexpr void gru_s8(scalar_tag, recurrent_dims const& d, std::int8_t const* x, std::int8_t const* h, std::int16_t* v,
                      gate_product_s8 const& w, gate_product_s8 const& u, std::int8_t* y) {
  index_t const n = d.hidden;
  for (index_t t = 0; t < d.steps; ++t, x += d.in, h = y, y += n)
    for (index_t o = 0; o < n; ++o) {
      auto const i = [&](index_t g) { return gate_argument<Rounding>(w, d.in, x, g * n + o); };
      auto const s = [&](index_t g) { return gate_argument<Rounding>(u, n, h, g * n + o); };
      std::int32_t const r = logistic_s16(saturate_s16(i(0) + s(0))), z = logistic_s16(saturate_s16(i(1) + s(1)));
      std::int32_t const fresh = tanh_s16(saturate_s16(i(2) + product_s16(factor_s16(r), s(2))));
      v[o] = static_cast<std::int16_t>(fresh + product_s16(v[o] - fresh, factor_s16(z)));
      y[o] = state_s8(v[o]);
    }
}

}  // namespace petra::kernel
