// int8 multi-head attention, the specification: kernel/reference/attention.hpp in integers.
//
// Of a head and a query: s_j = sum q k_j    t_j = min(requantize(max s - s_j), 32767) in units of 2^-11
// e_j = (2^-t_j + 64) >> 7 in units of 2^-7 (power_s16, so at most 128)    y = sat8(out_zero + requantize(sum e_j v_j /
// sum e_j))
//
// q, k, v without the zero point that they share. `score` takes q_scale k_scale / (sqrt(W) ln 2) to units of 2^-11; `value` is
// v_scale / y_scale, divided by sum e_j as divide_multiplier does it. Assigns y.
#pragma once
#include <vector>

#include "petra/kernel/reference/attention.hpp"
#include "petra/kernel/reference/gates_s8.hpp"

namespace petra::inline PETRA_ABI::kernel {

struct factor_s8 {
  std::int32_t multiplier = 0, shift = 0;
};

// The factor divided by n, its multiplier rounded down; the shift stays at least -31.
constexpr factor_s8 divided(factor_s8 f, std::int64_t n) {
  std::int32_t log2 = 0;
  while ((n >> (log2 + 1)) != 0) ++log2;
  if (f.shift - log2 < -31) log2 = f.shift + 31;
  return {static_cast<std::int32_t>(std::int64_t{f.multiplier} * (std::int64_t{1} << log2) / n), f.shift - log2};
}

template <class Rounding = round_once>
void attention_s8(scalar_tag, attention_dims const& d, factor_s8 score, factor_s8 value, std::int32_t out_zero,
                  std::int8_t const* q, std::int8_t const* k, std::int8_t const* v, std::int8_t* y,
                  std::int32_t zero = 0) {
  std::vector<std::int32_t> s;
  for (index_t i = 0; i < d.queries; ++i)
    for (index_t h = 0; h < d.heads; ++h) {
      std::int32_t top = INT32_MIN, total = 0;
      s.assign(static_cast<std::size_t>(d.seen(i)), 0);
      for (index_t j = 0; j < d.seen(i); ++j) {
        std::int32_t& sum = s[static_cast<std::size_t>(j)];
        for (index_t c = h * d.width; c < (h + 1) * d.width; ++c)
          sum += (q[i * d.q_step + c] - zero) * (k[j * d.kv_step + c] - zero);
        top = sum > top ? sum : top;
      }
      for (std::int32_t& e : s) {
        e = (power_s16(saturate_s16(Rounding::apply(top - e, score.multiplier, score.shift))) + 64) >> 7;
        total += e;
      }
      factor_s8 const f = divided(value, total);
      for (index_t c = h * d.width; c < (h + 1) * d.width; ++c) {
        std::int32_t sum = 0;
        for (index_t j = 0; j < d.seen(i); ++j) sum += s[static_cast<std::size_t>(j)] * (v[j * d.kv_step + c] - zero);
        y[i * d.heads * d.width + c] = onto_grid(Rounding::apply(sum, f.multiplier, f.shift), out_zero, -128, 127);
      }
    }
}

}  // namespace petra::kernel
