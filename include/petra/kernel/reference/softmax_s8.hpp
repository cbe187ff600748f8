// int8 softmax over the rows of a matrix, the specification.
//
// p (R,C) = exp(scale (x - max)) / sum exp(scale (x - max))    y = min(127, nearest(256 p) - 128)    in fixed point:
// e = exp(-t) in Q0.31 of t = scale (max - x) in Q5.26, 0 for t beyond 31    s = sum of e in Q12.19
// r = 1 / (s without its power of two) by Newton's method in Q2.29    y = onto the grid, twice rounded
//
// x, y (R,C); the output grid has scale 1 / 256 and zero point -128. Source: TensorFlow Lite int8 specification, SOFTMAX;
// its arithmetic is that of gemmlowp's fixed-point functions (exponential by a polynomial of degree 4 on [-1/4, 0) and
// factors exp(-2^k)), so that results are bit by bit those of TensorFlow Lite's reference kernel.
// Pre: scale > 2^-26; 1 <= cols <= 4095.
#pragma once
#include <cstdint>

#include "petra/core/assert.hpp"
#include "petra/core/extents.hpp"
#include "petra/kernel/tags.hpp"

namespace petra::inline PETRA_ABI::kernel {

namespace fixed_point {

constexpr std::int64_t power_of_two(std::int32_t n) { return std::int64_t{1} << n; }
// a b / 2^31, nearest, ties up.
constexpr std::int32_t product(std::int32_t a, std::int32_t b) {
  std::int64_t const p = std::int64_t{a} * b;
  return static_cast<std::int32_t>((p + (p >= 0 ? power_of_two(30) : 1 - power_of_two(30))) / power_of_two(31));
}
// a / 2^n, nearest, ties away from zero.
constexpr std::int32_t over_power(std::int32_t a, std::int32_t n) {
  std::int64_t const unit = power_of_two(n), size = a < 0 ? -std::int64_t{a} : a;
  std::int64_t const rounded = size / unit + (n > 0 && 2 * (size % unit) >= unit ? 1 : 0);
  return static_cast<std::int32_t>(a < 0 ? -rounded : rounded);
}
// a 2^n, saturated.
constexpr std::int32_t times_power(std::int32_t a, std::int32_t n) {
  std::int64_t const v = std::int64_t{a} * power_of_two(n);
  return static_cast<std::int32_t>(v > INT32_MAX ? INT32_MAX : v < INT32_MIN ? INT32_MIN : v);
}

// exp(-t) in Q0.31 for t >= 0 in Q5.26: the last quarter begun by the polynomial, whole quarters by factors.
constexpr std::int32_t exp_of_negative(std::int32_t t) {
  if (t == 0) return INT32_MAX;
  constexpr std::int32_t quarter = 1 << 24;
  std::int32_t const rest = (t + quarter - 1) % quarter + 1;  // in (0, 1/4]
  std::int32_t const x = (1 << 28) - times_power(rest, 5);    // 1/8 - rest
  std::int32_t const x2 = product(x, x), x3 = product(x2, x), x4 = product(x2, x2);
  std::int32_t const tail = over_power(product(over_power(x4, 2) + x3, 715827883) + x2, 1);  // x^4/24 + x^3/6 + x^2/2
  std::int32_t e = 1895147668 + product(1895147668, x + tail);                               // times exp(-1/8)
  constexpr std::int32_t factor[] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
  std::int32_t const quarters = (t - rest) / quarter;
  for (std::int32_t k = 0; k < 7; ++k)
    if (quarters / (1 << k) % 2 != 0) e = product(e, factor[k]);
  return e;
}

// 1 / (1 + a), both in Q0.31, a >= 0: 48/17 - 32/17 d and three steps of Newton for 1 / d, d = (1 + a) / 2.
constexpr std::int32_t inverse_of_one_plus(std::int32_t a) {
  auto const d = static_cast<std::int32_t>((std::int64_t{a} + power_of_two(31)) / 2);
  std::int32_t x = 1515870810 + product(d, -1010580540);
  for (int i = 0; i < 3; ++i) x += times_power(product(x, (1 << 29) - product(d, x)), 2);
  return times_power(x, 1);
}

}  // namespace fixed_point

struct softmax_s8_dims {
  index_t rows = 1, cols = 1;
  std::int32_t multiplier = 1 << 30, left_shift = 0;  // scale 2^26 = multiplier 2^(left_shift - 31)
};

// e of a difference max - x in [0, 255].
constexpr std::int32_t exp_of_difference(softmax_s8_dims const& d, std::int32_t difference) {
  using namespace fixed_point;
  if (difference > 31 * power_of_two(26) / power_of_two(d.left_shift)) return 0;
  return exp_of_negative(-product(static_cast<std::int32_t>(-difference * power_of_two(d.left_shift)), d.multiplier));
}

constexpr void softmax_s8(scalar_tag, softmax_s8_dims const& d, std::int8_t const* x, std::int8_t* y) {
  using namespace fixed_point;
  expects(d.cols >= 1 && d.cols <= 4095, "softmax_s8: 1 to 4095 columns");
  for (index_t r = 0; r < d.rows; ++r, x += d.cols, y += d.cols) {
    std::int32_t top = x[0], sum = 0, zeros = 0;
    for (index_t i = 1; i < d.cols; ++i) top = x[i] > top ? x[i] : top;
    for (index_t i = 0; i < d.cols; ++i) sum += over_power(exp_of_difference(d, top - x[i]), 12);
    while (std::int64_t{sum} * power_of_two(zeros) < power_of_two(31)) ++zeros;
    std::int32_t const r31 =
        inverse_of_one_plus(static_cast<std::int32_t>(sum * power_of_two(zeros) - power_of_two(31)));
    for (index_t i = 0; i < d.cols; ++i) {
      std::int32_t const v = over_power(product(r31, exp_of_difference(d, top - x[i])), 35 - zeros) - 128;
      y[i] = static_cast<std::int8_t>(v > 127 ? 127 : v);
    }
  }
}

}  // namespace petra::kernel
