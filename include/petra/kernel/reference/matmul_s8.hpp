// int8 matrix product, the specification.
//
// matmul_s8_s32   y (M,N) = bias (N) + sum_k (x (M,K) - in_zero) * w (N,K)
// matmul_s8       y (M,N) = clamp(out_zero + requantize(matmul_s8_s32))    one factor per column
//
// Source: TensorFlow Lite int8 specification, FULLY_CONNECTED (per-channel), with M rows. Rounding: round_once or
// round_twice (requantize_s8.hpp). w holds the weights of one output side by side.
// Pre: sums fit in 32 bits. Assigns y.
#pragma once
#include "petra/core/extents.hpp"
#include "petra/kernel/reference/requantize_s8.hpp"
#include "petra/kernel/tags.hpp"

namespace petra::inline PETRA_ABI::kernel {

struct matmul_s8_dims {
  index_t m = 1, n = 1, k = 1;
  std::int32_t in_zero = 0, out_zero = 0, out_min = -128, out_max = 127;
};

constexpr void matmul_s8_s32(scalar_tag, matmul_s8_dims const& d, std::int8_t const* x, std::int8_t const* w,
                             std::int32_t const* bias, std::int32_t* y) {
  for (index_t i = 0; i < d.m; ++i)
    for (index_t o = 0; o < d.n; ++o) {
      std::int32_t sum = bias[o];
      for (index_t c = 0; c < d.k; ++c) sum += (x[i * d.k + c] - d.in_zero) * w[o * d.k + c];
      y[i * d.n + o] = sum;
    }
}

template <class Rounding = round_once>
constexpr void matmul_s8(scalar_tag tag, matmul_s8_dims const& d, std::int8_t const* x, std::int8_t const* w,
                         std::int32_t const* bias, std::int32_t const* multiplier, std::int8_t const* shift,
                         std::int8_t* y) {
  for (index_t i = 0; i < d.m; ++i)
    for (index_t o = 0; o < d.n; ++o) {
      std::int32_t sum = 0;
      matmul_s8_s32(tag, {.k = d.k, .in_zero = d.in_zero}, x + i * d.k, w + o * d.k, bias + o, &sum);
      y[i * d.n + o] = onto_grid(Rounding::apply(sum, multiplier[o], shift[o]), d.out_zero, d.out_min, d.out_max);
    }
}

}  // namespace petra::kernel
