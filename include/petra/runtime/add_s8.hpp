// int8 sum of two maps on different grids, with clamp (ReLU: out_min = out_zero); fills the frame of its output.
//
// y = clamp(out_zero + rq(rq((a - a_zero) << left_shift) + rq((b - b_zero) << left_shift)))    a, b, y (H,W,C)
//
// Source: TensorFlow Lite int8 specification, ADD (left_shift = 20). With m = 2 max(a_scale, b_scale) the factors are
// a_scale / m, b_scale / m and m / (2^left_shift out_scale). Bit-exact everywhere. Deterministic.
// Pre: a, b and out have the same h, w, c (their halos may differ); y overlaps neither a nor b.
#pragma once
#include "petra/runtime/halo.hpp"
#include "petra/runtime/lanes.hpp"

namespace petra::inline PETRA_ABI::rt {

struct add_shape {
  feature_map a{}, b{}, out{};
  std::int32_t a_zero = 0, b_zero = 0, left_shift = 20;
  requant a_scale{}, b_scale{}, out_scale{};
  std::int32_t out_zero = 0, out_min = -128, out_max = 127;
};

// The three factors and the shift of an addition, from the grids' scales.
constexpr add_shape add_scales(add_shape s, double a_scale, double b_scale, double out_scale) noexcept {
  double const m = 2 * (a_scale > b_scale ? a_scale : b_scale);
  s.left_shift = 20;
  s.a_scale = quantize_multiplier(a_scale / m);
  s.b_scale = quantize_multiplier(b_scale / m);
  s.out_scale = quantize_multiplier(m / (0x1p20 * out_scale));
  return s;
}

// All rows, given the three factors as they are applied to values shifted left.
template <class Inner, class Outer>
PETRA_INLINE void add_rows(add_shape const& s, std::int32_t left, Inner const& scale_a, Inner const& scale_b,
                           Outer const& scale_out, std::int8_t const* a, std::int8_t const* b,
                           std::int8_t* y) noexcept {
  output_grid const grid{s.out_zero, s.out_min, s.out_max};
  i32x16 const a_zero = i32x16::broadcast(s.a_zero), b_zero = i32x16::broadcast(s.b_zero);
  index_t const n = s.out.w * s.out.c;
  for (index_t r = 0; r < s.out.h; ++r) {
    std::int8_t const* pa = a + s.a.origin() + r * s.a.row();
    std::int8_t const* pb = b + s.b.origin() + r * s.b.row();
    std::int8_t* py = y + s.out.origin() + r * s.out.row();
    auto const scaled = [&](i32x16 va, i32x16 vb) __attribute__((always_inline)) {
      return scale_out(scale_a((va - a_zero) << left) + scale_b((vb - b_zero) << left));
    };
    auto const sum = [&](index_t i) __attribute__((always_inline)) {
      return scaled(i32x16::load(pa + i), i32x16::load(pb + i));
    };
    index_t i = 0;
    for (; n - i >= 64; i += 64) {
      i32x16 const v[4] = {sum(i), sum(i + 16), sum(i + 32), sum(i + 48)};
      store(py + i, v, grid);
    }
    for (; n - i >= 16; i += 16) store(py + i, sum(i), grid, 16);
    if (i < n) store(py + i, scaled(i32x16::load(pa + i, n - i), i32x16::load(pb + i, n - i)), grid, n - i);
  }
  fill_halo(s.out, y, static_cast<std::int8_t>(s.out_zero));
}

template <class Rounding = rounding::single, class Shape>
inline void add_s8(Shape shape, std::int8_t const* a, std::int8_t const* b, std::int8_t* y) noexcept {
  add_shape const s = shape;
  // Shifting left by 3 more and right by 3 more changes nothing (differences of int8 have 9 bits, 9 + 23 = 32) and
  // makes every factor of an addition small enough for the shorter requantization: 2.5 us instead of 3.1 for 32 x 32 x
  // 16.
  bool const high = s.left_shift <= 20 && s.a_scale.shift <= 1 && s.b_scale.shift <= 1 && s.out_scale.shift <= -2 &&
                    s.a_scale.shift >= -28 && s.b_scale.shift >= -28;
  if constexpr (requires { Rounding::once; }) {
    auto const lower = [](requant q) { return high_requantizer::broadcast({q.multiplier, q.shift - 3}); };
    if (high)
      return add_rows(s, s.left_shift + 3, lower(s.a_scale), lower(s.b_scale), high_requantizer::broadcast(s.out_scale),
                      a, b, y);
  }
  using scale = requantizer<Rounding>;
  add_rows(s, s.left_shift, scale::broadcast(s.a_scale), scale::broadcast(s.b_scale), scale::broadcast(s.out_scale), a,
           b, y);
}

}  // namespace petra::rt
