// int8 maximum and mean over windows, the specification; taps outside the picture do not count.
//
// max_pool_s8   y = clamp(max x), one grid for input and output
// avg_pool_s8   y = clamp(out_zero + requantize(sum (x - in_zero), multiplier / taps, shift))
//
// Source: TensorFlow Lite int8 specification, MAX_POOL_2D; MEAN for the division: the count of taps n is folded into
// the multiplier as floor(multiplier * 2^k / n) with k = floor(log2 n) and the shift lowered by k (never below -31).
// Pre: every window holds at least one tap. Assigns y.
#pragma once
#include "petra/core/extents.hpp"
#include "petra/kernel/reference/requantize_s8.hpp"
#include "petra/kernel/tags.hpp"

namespace petra::inline PETRA_ABI::kernel {

struct pool_s8_dims {
  index_t h = 1, w = 1, c = 1, kernel_h = 1, kernel_w = 1, stride = 1, pad = 0;
  std::int32_t in_zero = 0, multiplier = 1 << 30, shift = 1, out_zero = 0, out_min = -128, out_max = 127;
  // Padding above, below and on the right; `pad` is that on the left.
  index_t top = pad, bottom = pad, right = pad;

  [[nodiscard]] constexpr index_t out_h() const { return (top + h + bottom - kernel_h) / stride + 1; }
  [[nodiscard]] constexpr index_t out_w() const { return (pad + w + right - kernel_w) / stride + 1; }
};

// Calls f(value) for each tap of window (oy, ox) in channel c that lies inside the picture.
template <class F>
constexpr void for_each_tap(pool_s8_dims const& d, std::int8_t const* x, index_t oy, index_t ox, index_t c, F f) {
  for (index_t kh = 0; kh < d.kernel_h; ++kh)
    for (index_t kw = 0; kw < d.kernel_w; ++kw) {
      index_t const iy = oy * d.stride - d.top + kh, ix = ox * d.stride - d.pad + kw;
      if (iy >= 0 && iy < d.h && ix >= 0 && ix < d.w) f(std::int32_t{x[(iy * d.w + ix) * d.c + c]});
    }
}

constexpr void max_pool_s8(scalar_tag, pool_s8_dims const& d, std::int8_t const* x, std::int8_t* y) {
  for (index_t oy = 0; oy < d.out_h(); ++oy)
    for (index_t ox = 0; ox < d.out_w(); ++ox)
      for (index_t c = 0; c < d.c; ++c) {
        std::int32_t largest = -128;
        for_each_tap(d, x, oy, ox, c, [&](std::int32_t v) { largest = v > largest ? v : largest; });
        *y++ = onto_grid(largest, 0, d.out_min, d.out_max);
      }
}

template <class Rounding = round_once>
constexpr void avg_pool_s8(scalar_tag, pool_s8_dims const& d, std::int8_t const* x, std::int8_t* y) {
  for (index_t oy = 0; oy < d.out_h(); ++oy)
    for (index_t ox = 0; ox < d.out_w(); ++ox)
      for (index_t c = 0; c < d.c; ++c) {
        std::int32_t sum = 0, taps = 0, k = 0;
        for_each_tap(d, x, oy, ox, c, [&](std::int32_t v) { sum += v - d.in_zero, ++taps; });
        expects(taps > 0, "avg_pool_s8: a window lies outside the picture");
        while ((std::int64_t{2} << k) <= taps && d.shift - k > -31) ++k;
        auto const multiplier = static_cast<std::int32_t>(std::int64_t{d.multiplier} * (std::int64_t{1} << k) / taps);
        *y++ = onto_grid(Rounding::apply(sum, multiplier, d.shift - k), d.out_zero, d.out_min, d.out_max);
      }
}

}  // namespace petra::kernel
