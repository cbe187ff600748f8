// The register tiles of the int8 convolution, one set per instruction set: `conv_tile` for rows of pixels, `accumulate_pixel`
// for dense layers.
#pragma once
#include "petra/runtime/conv_tile_avx2.hpp"
#include "petra/runtime/conv_tile_avx512.hpp"
#include "petra/runtime/conv_tile_portable.hpp"

#if !(defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__))

namespace petra::inline PETRA_ABI::rt {

template <int Pixels, int Blocks, int Columns, class Rounding>
[[gnu::noinline]] void conv_tile(std::int8_t const* x, std::int8_t const* w, conv_plan_s8 const& plan,
                                 conv_factors_s8<Rounding> const* factors, std::int8_t* y) noexcept {
  static_assert(Blocks == 1 && Columns == 1);
  i32x16 sum[Pixels];
  for (i32x16& s : sum) s = factors->bias;
  accumulate_tile(x, w, plan, sum);
  for (int p = 0; p < Pixels; ++p) store(y + p * plan.out_step, factors->scale(sum[p]), plan.grid, plan.last);
}

template <int Blocks>
inline void accumulate_pixel(std::int8_t const* x, std::int8_t const* w, conv_plan_s8 const& plan,
                             i32x16 (&sum)[Blocks]) noexcept {
  static_assert(Blocks == 1);
  accumulate_tile(x, w, plan, sum);
}

}  // namespace petra::rt
#endif
