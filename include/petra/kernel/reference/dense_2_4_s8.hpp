// Dense layer with int8 2:4 weights, the specification: for every four inputs of an output two weights and their places.
//
// y (M,O) = clamp(out_zero + requantize(bias + sum_q sum_{j < 2} (x[4 q + place] - in_zero) * w))
//   x (M,C), w (O, ceil(C / 4), 2), place (O, ceil(C / 4), 2) in [0, 3]
//
// Places behind C are not read. Source: TensorFlow Lite int8 specification, FULLY_CONNECTED (per-channel). Assigns y.
#pragma once
#include "petra/core/extents.hpp"
#include "petra/kernel/reference/requantize_s8.hpp"
#include "petra/kernel/tags.hpp"

namespace petra::inline PETRA_ABI::kernel {

struct dense_2_4_dims {
  index_t m = 1, c = 1, o = 1;
  std::int32_t in_zero = 0, out_zero = 0, out_min = -128, out_max = 127;

  [[nodiscard]] constexpr index_t kept() const { return (c + 3) / 4 * 2; }  // weights of an output
};

constexpr std::int32_t dense_2_4_sum(dense_2_4_dims const& d, std::int8_t const* x, std::int8_t const* w,
                                     std::uint8_t const* place, std::int32_t const* bias, index_t o) {
  std::int32_t sum = bias[o];
  for (index_t j = 0; j < d.kept(); ++j) {
    expects(place[o * d.kept() + j] < 4, "dense_2_4: places lie in [0, 3]");
    index_t const i = j / 2 * 4 + place[o * d.kept() + j];
    if (i < d.c) sum += (x[i] - d.in_zero) * w[o * d.kept() + j];
  }
  return sum;
}

template <class Rounding = round_once>
constexpr void dense_2_4_s8(scalar_tag, dense_2_4_dims const& d, std::int8_t const* x, std::int8_t const* w,
                            std::uint8_t const* place, std::int32_t const* bias, std::int32_t const* multiplier,
                            std::int8_t const* shift, std::int8_t* y) {
  for (index_t r = 0; r < d.m; ++r)
    for (index_t o = 0; o < d.o; ++o)
      *y++ = onto_grid(Rounding::apply(dense_2_4_sum(d, x + r * d.c, w, place, bias, o), multiplier[o], shift[o]),
                       d.out_zero, d.out_min, d.out_max);
}

constexpr void dense_2_4_s8_f32(scalar_tag, dense_2_4_dims const& d, std::int8_t const* x, std::int8_t const* w,
                                std::uint8_t const* place, std::int32_t const* bias, float const* scale, float* y) {
  for (index_t r = 0; r < d.m; ++r)
    for (index_t o = 0; o < d.o; ++o)
      *y++ = static_cast<float>(dense_2_4_sum(d, x + r * d.c, w, place, bias, o)) * scale[o];
}

}  // namespace petra::kernel
