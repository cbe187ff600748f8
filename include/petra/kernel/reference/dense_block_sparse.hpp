// Dense layers with block-sparse weights, the specification: dense loops that skip what the mask has cut.
//
// dense_block_sparse_s8    y (M,O) = clamp(out_zero + requantize(bias + sum keep (x - in_zero) * w))    x (M,C), w (O,C)
// dense_block_sparse_f32   y (M,O) = relu(bias + sum keep x * w)
//
// keep (ceil(O / 16), ceil(C / 4)): whether a block of 16 outputs x 4 inputs is there. Skipped inputs are not read.
// Source: TensorFlow Lite int8 specification, FULLY_CONNECTED (per-channel). Assigns y.
#pragma once
#include "petra/core/extents.hpp"
#include "petra/kernel/reference/requantize_s8.hpp"
#include "petra/kernel/tags.hpp"

namespace petra::inline PETRA_ABI::kernel {

struct dense_block_sparse_dims {
  index_t m = 1, c = 1, o = 1;
  std::int32_t in_zero = 0, out_zero = 0, out_min = -128, out_max = 127;  // int8
  bool relu = false;                                                      // float

  [[nodiscard]] constexpr bool kept(bool const* keep, index_t out, index_t in) const {
    return keep[out / 16 * ((c + 3) / 4) + in / 4];
  }
};

template <class Rounding = round_once>
constexpr void dense_block_sparse_s8(scalar_tag, dense_block_sparse_dims const& d, std::int8_t const* x,
                                     std::int8_t const* w, bool const* keep, std::int32_t const* bias,
                                     std::int32_t const* multiplier, std::int8_t const* shift, std::int8_t* y) {
  for (index_t r = 0; r < d.m; ++r)
    for (index_t o = 0; o < d.o; ++o) {
      std::int32_t sum = bias[o];
      for (index_t i = 0; i < d.c; ++i)
        if (d.kept(keep, o, i)) sum += (x[r * d.c + i] - d.in_zero) * w[o * d.c + i];
      *y++ = onto_grid(Rounding::apply(sum, multiplier[o], shift[o]), d.out_zero, d.out_min, d.out_max);
    }
}

constexpr void dense_block_sparse_f32(scalar_tag, dense_block_sparse_dims const& d, float const* x, float const* w,
                                      bool const* keep, float const* bias, float* y) {
  for (index_t r = 0; r < d.m; ++r)
    for (index_t o = 0; o < d.o; ++o) {
      float sum = bias[o];
      for (index_t i = 0; i < d.c; ++i)
        if (d.kept(keep, o, i)) sum += x[r * d.c + i] * w[o * d.c + i];
      *y++ = d.relu && sum < 0 ? 0.f : sum;
    }
}

}  // namespace petra::kernel
