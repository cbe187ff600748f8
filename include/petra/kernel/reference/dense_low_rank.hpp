// Dense layers whose weights are a product of two thin matrices, the specification: two dense layers.
//
// dense_low_rank_s8    t (M,R) = clamp(mid_zero + requantize(bias_v + (x - in_zero) * v))     x (M,C), v (R,C)
//                      y (M,O) = clamp(out_zero + requantize(bias_u + (t - mid_zero) * u))    u (O,R)
// dense_low_rank_f32   y (M,O) = relu(bias_u + (bias_v + x * v) * u)
//
// Source: TensorFlow Lite int8 specification, FULLY_CONNECTED (per-channel). Assigns y and t.
#pragma once
#include "petra/kernel/reference/dense_s8.hpp"

namespace petra::inline PETRA_ABI::kernel {

struct dense_low_rank_dims {
  index_t m = 1, c = 1, rank = 1, o = 1;
  std::int32_t in_zero = 0, mid_zero = 0, mid_min = -128, mid_max = 127;  // int8
  std::int32_t out_zero = 0, out_min = -128, out_max = 127;
  bool relu = false;  // float
};

struct dense_factor_s8 {
  std::int8_t const* w;  // (outputs, inputs)
  std::int32_t const* bias;
  std::int32_t const* multiplier;
  std::int8_t const* shift;
};

template <class Rounding = round_once>
constexpr void dense_low_rank_s8(scalar_tag tag, dense_low_rank_dims const& d, std::int8_t const* x,
                                 dense_factor_s8 const& v, dense_factor_s8 const& u, std::int8_t* t, std::int8_t* y) {
  dense_s8_dims const first{d.c, d.rank, d.in_zero, d.mid_zero, d.mid_min, d.mid_max};
  dense_s8_dims const second{d.rank, d.o, d.mid_zero, d.out_zero, d.out_min, d.out_max};
  for (index_t r = 0; r < d.m; ++r, x += d.c, t += d.rank, y += d.o) {
    dense_s8<Rounding>(tag, first, x, v.w, v.bias, v.multiplier, v.shift, t);
    dense_s8<Rounding>(tag, second, t, u.w, u.bias, u.multiplier, u.shift, y);
  }
}

constexpr void dense_low_rank_f32(scalar_tag, dense_low_rank_dims const& d, float const* x, float const* v,
                                  float const* bias_v, float const* u, float const* bias_u, float* t, float* y) {
  auto const dense = [](float const* in, index_t c, float const* w, float const* bias, index_t o, float* out) {
    for (index_t j = 0; j < o; ++j) {
      out[j] = bias[j];
      for (index_t i = 0; i < c; ++i) out[j] += in[i] * w[j * c + i];
    }
  };
  for (index_t r = 0; r < d.m; ++r, x += d.c, t += d.rank, y += d.o) {
    dense(x, d.c, v, bias_v, d.rank, t);
    dense(t, d.rank, u, bias_u, d.o, y);
    for (index_t j = 0; d.relu && j < d.o; ++j) y[j] = y[j] < 0 ? 0.f : y[j];
  }
}

}  // namespace petra::kernel
