// Register tile of the int8 convolution in plain C++: two pixels x 16 outputs, loops that compilers vectorize (SSE2, NEON).
#pragma once
#include "petra/runtime/conv_plan_s8.hpp"

#if !defined(__AVX2__) && !(defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__))

namespace petra::inline PETRA_ABI::rt {

inline constexpr int max_blocks_s8 = 1;
inline constexpr bool shares_columns_s8 = false;
constexpr int max_pixels_s8(int) noexcept { return 2; }

// sum += w x of one group of four inputs, n outputs.
PETRA_INLINE void accumulate_four(std::int8_t const* x, std::int8_t const* w, index_t n, i32x16& sum) noexcept {
  std::int32_t const a = x[0] + 128, b = x[1] + 128, c = x[2] + 128, d = x[3] + 128;
  for (index_t o = 0; o < n; ++o) sum.v[o] += a * w[4 * o] + b * w[4 * o + 1] + c * w[4 * o + 2] + d * w[4 * o + 3];
}

// sum[p] += of one pixel each: Pixels x 16 outputs.
template <int Pixels>
inline void accumulate_tile(std::int8_t const* x, std::int8_t const* w, conv_plan_s8 const& plan,
                            i32x16 (&sum)[Pixels]) noexcept {
  for (index_t kh = 0; kh < plan.kernel_h; ++kh, x += plan.row)
    for (index_t q = 0; q < plan.run; ++q, w += 4 * plan.last)
      for (int p = 0; p < Pixels; ++p) {
        std::int8_t const* const in = x + p * plan.step + 4 * q;
        if (plan.last == 16) accumulate_four(in, w, 16, sum[p]);  // a constant count: vectors without a remainder
        else accumulate_four(in, w, plan.last, sum[p]);
      }
}

}  // namespace petra::rt
#endif
