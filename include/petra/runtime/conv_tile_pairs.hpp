// Register tile of the int8 convolution without VNNI: one or two pixels x 16 outputs in registers of pair sums.
#pragma once
#include "petra/runtime/pair_sums.hpp"

#if !(defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__))

namespace petra::inline PETRA_ABI::rt {

inline constexpr int max_blocks_s8 = 1;
inline constexpr bool shares_columns_s8 = false;
// Sums of two pixels fill 8 of AVX2's 16 registers and 16 of aarch64's 32; those of one fill 8 of SSE2's 16.
constexpr int max_pixels_s8(int) noexcept {
#if defined(__AVX2__) || defined(__aarch64__)
  return 2;
#else
  return 1;
#endif
}

// sum[p] = the products of one pixel each, without bias.
template <int Pixels, bool Full>
PETRA_INLINE void accumulate_pairs(std::int8_t const* x, std::int8_t const* w, conv_plan_s8 const& plan,
                                   i32x16 (&sum)[Pixels]) noexcept {
  constexpr int parts = 16 / pair_outputs;
  index_t const n = Full ? 16 : plan.last, step = plan.step, row = plan.row, run = plan.run;
  pair_sums part[Pixels][parts];
#pragma GCC unroll 64
  for (int p = 0; p < Pixels; ++p)
#pragma GCC unroll 64
    for (int j = 0; j < parts; ++j) part[p][j] = no_pairs();
  for (index_t kh = plan.kernel_h; kh > 0; --kh, x += row)
    for (index_t q = 0; q < run; ++q, w += 4 * n) {
      decltype(broadcast_four(x)) in[Pixels];
#pragma GCC unroll 64
      for (int p = 0; p < Pixels; ++p) in[p] = broadcast_four(x + p * step + 4 * q);
#pragma GCC unroll 64
      for (int j = 0; j < parts; ++j) {
        auto const v = load_pairs(w + 4 * pair_outputs * j, n - pair_outputs * j);
#pragma GCC unroll 64
        for (int p = 0; p < Pixels; ++p) part[p][j] = add_pairs(part[p][j], in[p], v);
      }
    }
#pragma GCC unroll 64
  for (int p = 0; p < Pixels; ++p) sum[p] = to_lanes(part[p]);
}

template <int Pixels, int Blocks, int Columns, class Rounding>
[[gnu::noinline]] void conv_tile(std::int8_t const* x, std::int8_t const* w, conv_plan_s8 const& plan,
                                 conv_factors_s8<Rounding> const* factors, std::int8_t* y) noexcept {
  static_assert(Blocks == 1 && Columns == 1);
  i32x16 sum[Pixels];
  if (plan.last == 16)
    accumulate_pairs<Pixels, true>(x, w, plan, sum);
  else
    accumulate_pairs<Pixels, false>(x, w, plan, sum);
#pragma GCC unroll 64
  for (int p = 0; p < Pixels; ++p)
    store(y + p * plan.out_step, factors->scale(factors->bias + sum[p]), plan.grid, plan.last);
}

}  // namespace petra::rt
#endif
