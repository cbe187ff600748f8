// Gates of int8 recurrent layers in fixed point, the specification.
//
// logistic_s16   x in units of 2^-12 -> 1 / (1 + exp(-x)) in units of 2^-14, off by 1.4e-4 at most
// tanh_s16       x in units of 2^-12, taken as +-4 beyond -> tanh in units of 2^-14, off by 7e-4 at most
//
// All in int16 with the product (a b + 2^14) >> 15. For a = |x|: t = a log2 e in units of 2^-11; 2^-t = 2^-floor(t) p(its
// fraction), p of degree 4; 1 / (1 + 2^-t) by a polynomial of degree 6 (both minimax, coefficients in units of 2^-14,
// summed in the order of the code below).
#pragma once
#include <cstdint>

#include "petra/core/extents.hpp"
#include "petra/kernel/reference/requantize_s8.hpp"
#include "petra/kernel/tags.hpp"

namespace petra::inline PETRA_ABI::kernel {

constexpr std::int32_t saturate_s16(std::int64_t v) {
  return static_cast<std::int32_t>(v < -32768 ? -32768 : v > 32767 ? 32767 : v);
}
// floor(a b / 2^15 + 1/2)
constexpr std::int32_t product_s16(std::int32_t a, std::int32_t b) {
  expects(saturate_s16(a) == a && saturate_s16(b) == b, "product_s16: two int16");
  return (a * b + (1 << 14)) >> 15;
}
// Numbers in units of 2^-14, at most 1, in units of 2^-15.
constexpr std::int32_t factor_s16(std::int32_t g) { return 2 * (g < 16383 ? g : 16383); }

constexpr std::int32_t line_s16(std::int32_t c, std::int32_t d, std::int32_t x) { return c + product_s16(d, x); }

// 2^-t of t in [0, 32767] in units of 2^-11, in units of 2^-14.
constexpr std::int32_t power_s16(std::int32_t t) {
  std::int32_t const f = t % 2048 * 16, f2 = product_s16(f, f);
  return (line_s16(16384, -11355, f) + product_s16(f2, line_s16(3923, -872, f) + product_s16(f2, 112))) >> (t / 2048);
}
// Of a in [0, 32767].
constexpr std::int32_t logistic_of_magnitude(std::int32_t a) {
  std::int32_t const e = factor_s16(power_s16(product_s16(a, 23637))), e2 = product_s16(e, e), e4 = product_s16(e2, e2);
  return line_s16(16384, -16373, e) + product_s16(e2, line_s16(16176, -14926, e)) +
         product_s16(e4, line_s16(11189, -5505, e) + product_s16(e2, 1247));
}
constexpr std::int32_t logistic_s16(std::int32_t x) {
  std::int32_t const r = logistic_of_magnitude(x < -32767 ? 32767 : x < 0 ? -x : x);
  return x < 0 ? 16384 - r : r;
}
constexpr std::int32_t tanh_s16(std::int32_t x) {
  std::int32_t const a = x < 0 ? -x : x, v = 2 * logistic_of_magnitude(2 * (a < 16383 ? a : 16383)) - 16384;
  return x < 0 ? -v : v;
}
// A number in units of 2^-14 as int8 in units of 2^-7.
constexpr std::int8_t state_s8(std::int32_t v) {
  std::int32_t const q = (v + 64) >> 7;
  return static_cast<std::int8_t>(q > 127 ? 127 : q < -128 ? -128 : q);
}

// One product of a recurrent layer: w (G,H,K), and of each gate and unit a bias and the factor to units of 2^-12. Not
// packed; biases as they are.
struct gate_product_s8 {
  std::int8_t const* w = nullptr;
  std::int32_t const *bias = nullptr, *multiplier = nullptr;
  std::int8_t const* shift = nullptr;
  std::int32_t zero = 0;  // of the operand
};

// sat16(requantize(bias + sum (x - zero) w)) of output o
template <class Rounding>
constexpr std::int32_t gate_argument(gate_product_s8 const& m, index_t k, std::int8_t const* x, index_t o) {
  std::int32_t sum = m.bias[o];
  for (index_t i = 0; i < k; ++i) sum += (x[i] - m.zero) * m.w[o * k + i];
  return saturate_s16(Rounding::apply(sum, m.multiplier[o], m.shift[o]));
}

}  // namespace petra::kernel
