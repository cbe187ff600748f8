// int8 layer normalization with the residual sum before it, the specification: kernel/reference/layer_norm.hpp in
// integers.
//
// Of a row of C: v = (x - x_zero) x_factor + (r - r_zero) r_factor    mean = floor(sum v / C + 1/2)    d = v - mean
// S = max(1, floor(sqrt(floor(256 sum d^2 / C) + epsilon))): the deviation in sixteenths of a unit of v
// z = sat16(d 16 / S in units of 2^-12): requantize by floor(2^31 2^b / S), at most 2^31 - 1, and shift 16 - b, where 2^b
// is the largest power of two in S    y = sat8(out_zero + requantize(z gamma + beta))
//
// x, r, y (R,C); r may be null. The scales of x and r are as x_factor to r_factor, each in [0, 63]. gamma, beta (C)
// int32: gamma in [-32768, 32767], beta in units of z gamma, |beta| <= 2^30. Assigns y.
#pragma once
#include "petra/kernel/reference/attention_s8.hpp"

namespace petra::inline PETRA_ABI::kernel {

struct layer_norm_s8_dims {
  index_t rows = 1, cols = 1;
  std::int32_t x_zero = 0, x_factor = 1, r_zero = 0, r_factor = 1;
  factor_s8 out{};
  std::int32_t out_zero = 0;
  std::int64_t epsilon = 0;  // in 1/256 of a unit of v, squared; below 2^59
};

constexpr std::int64_t floor_root(std::int64_t v) {
  std::int64_t lo = 0, hi = std::int64_t{1} << 31;  // lo^2 <= v < hi^2
  while (hi - lo > 1) {
    std::int64_t const mid = (lo + hi) / 2;
    (mid * mid <= v ? lo : hi) = mid;
  }
  return lo;
}

template <class Rounding = round_once>
constexpr void layer_norm_s8(scalar_tag, layer_norm_s8_dims const& d, std::int8_t const* x, std::int8_t const* r,
                             std::int32_t const* gamma, std::int32_t const* beta, std::int8_t* y) {
  for (index_t row = 0; row < d.rows; ++row) {
    auto const v = [&](index_t i) {
      index_t const at = row * d.cols + i;
      return (x[at] - d.x_zero) * d.x_factor + (r == nullptr ? 0 : (r[at] - d.r_zero) * d.r_factor);
    };
    std::int64_t sum = 0, squares = 0;
    for (index_t i = 0; i < d.cols; ++i) sum += v(i);
    std::int64_t const twice = 2 * sum + d.cols, n = 2 * d.cols;
    auto const mean = static_cast<std::int32_t>(twice / n - (twice % n < 0 ? 1 : 0));
    for (index_t i = 0; i < d.cols; ++i) squares += std::int64_t{v(i) - mean} * (v(i) - mean);
    std::int64_t const root = floor_root(256 * squares / d.cols + d.epsilon), s = root < 1 ? 1 : root;
    std::int32_t b = 0;
    while ((s >> (b + 1)) != 0) ++b;
    std::int64_t const m = (std::int64_t{1} << (31 + b)) / s;
    auto const multiplier = static_cast<std::int32_t>(m > INT32_MAX ? INT32_MAX : m);
    for (index_t i = 0; i < d.cols; ++i) {
      std::int32_t const z = saturate_s16(Rounding::apply(v(i) - mean, multiplier, 16 - b));
      y[row * d.cols + i] =
          onto_grid(Rounding::apply(z * gamma[i] + beta[i], d.out.multiplier, d.out.shift), d.out_zero, -128, 127);
    }
  }
}

}  // namespace petra::kernel
