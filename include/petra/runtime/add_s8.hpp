// int8 sum of two maps on different grids, with clamp (ReLU: out_min = out_zero); fills the frame of its output.
//
// y = clamp(out_zero + rq(rq((a - a_zero) << left_shift) + rq((b - b_zero) << left_shift)))    a, b, y (H,W,C)
//
// Source: TensorFlow Lite int8 specification, ADD (left_shift = 20). With m = 2 max(a_scale, b_scale) the factors are
// a_scale / m, b_scale / m and m / (2^left_shift out_scale). Bit-exact everywhere. Deterministic.
// With `linear` (runtime/linear_sum.hpp) the same bytes come from two products and a shift: 0.7 us instead of 2.6 for
// 32 x 32 x 16.
// Pre: a, b and out have the same h, w, c (their halos may differ); y overlaps neither a nor b; `linear` is null or was
// found for this very addition.
#pragma once
#include "petra/runtime/halo.hpp"
#include "petra/runtime/lanes.hpp"

namespace petra::inline PETRA_ABI::rt {

// y = clamp((a * a_factor + b * b_factor + start) >> right), zero points and rounding in `start`; right = 0: none.
struct linear_sum {
  std::int32_t a_factor = 0, b_factor = 0, start = 0, right = 0;
  friend constexpr bool operator==(linear_sum const&, linear_sum const&) = default;
};

struct add_shape {
  feature_map a{}, b{}, out{};
  std::int32_t a_zero = 0, b_zero = 0, left_shift = 20;
  requant a_scale{}, b_scale{}, out_scale{};
  std::int32_t out_zero = 0, out_min = -128, out_max = 127;
  linear_sum linear{};
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

// n neighbors: sum(16 of a, 16 of b), then onto the grid.
template <class Sum>
PETRA_INLINE void add_run(index_t n, output_grid const& grid, Sum const& sum_of, std::int8_t const* a,
                          std::int8_t const* b, std::int8_t* y) noexcept {
  auto const sum = [&](index_t i) __attribute__((always_inline)) {
    return sum_of(i32x16::load(a + i), i32x16::load(b + i));
  };
  index_t i = 0;
  for (; n - i >= 64; i += 64) {
    i32x16 const v[4] = {sum(i), sum(i + 16), sum(i + 32), sum(i + 48)};
    store(y + i, v, grid);
  }
  for (; n - i >= 16; i += 16) store(y + i, sum(i), grid, 16);
  if (i < n) store(y + i, sum_of(i32x16::load(a + i, n - i), i32x16::load(b + i, n - i)), grid, n - i);
}

// The linear form, prepared.
struct linear_adder {
  i32x16 a_factor, b_factor, start;
  std::int32_t right;

  PETRA_INLINE static linear_adder of(linear_sum const& s) noexcept {
    return {i32x16::broadcast(s.a_factor), i32x16::broadcast(s.b_factor), i32x16::broadcast(s.start), s.right};
  }
  [[nodiscard]] PETRA_INLINE i32x16 operator()(i32x16 a, i32x16 b) const noexcept {
    return (a * a_factor + b * b_factor + start) >> right;
  }
};

// The specification's form, given its three factors as they are applied to differences shifted left.
template <class Inner, class Outer>
struct scaled_adder {
  i32x16 a_zero, b_zero;
  std::int32_t left;
  Inner scale_a, scale_b;
  Outer scale_out;

  [[nodiscard]] PETRA_INLINE i32x16 operator()(i32x16 a, i32x16 b) const noexcept {
    return scale_out(scale_a((a - a_zero) << left) + scale_b((b - b_zero) << left));
  }
};

// Calls call(sum of 16 and 16, grid) with the shortest form that the addition has.
template <class Rounding, class Call>
PETRA_INLINE void with_adder(add_shape const& s, Call const& call) noexcept {
  output_grid const grid{s.out_zero, s.out_min, s.out_max};
  if (s.linear.right > 0) return call(linear_adder::of(s.linear), output_grid{0, s.out_min, s.out_max});
  i32x16 const a_zero = i32x16::broadcast(s.a_zero), b_zero = i32x16::broadcast(s.b_zero);
  // Shifting left by 3 more and right by 3 more changes nothing (differences of int8 have 9 bits, 9 + 23 = 32) and
  // makes every factor of an addition small enough for the shorter requantization: 2.5 us instead of 3.1 for 32 x 32 x
  // 16.
  bool const high = s.left_shift <= 20 && s.a_scale.shift <= 1 && s.b_scale.shift <= 1 && s.out_scale.shift <= -2 &&
                    s.a_scale.shift >= -28 && s.b_scale.shift >= -28;
  if constexpr (requires { Rounding::once; }) {
    using scale = high_requantizer;
    auto const lower = [](requant q) { return scale::broadcast({q.multiplier, q.shift - 3}); };
    if (high)
      return call(scaled_adder<scale, scale>{a_zero, b_zero, s.left_shift + 3, lower(s.a_scale), lower(s.b_scale),
                                             scale::broadcast(s.out_scale)},
                  grid);
  }
  using scale = requantizer<Rounding>;
  call(scaled_adder<scale, scale>{a_zero, b_zero, s.left_shift, scale::broadcast(s.a_scale),
                                  scale::broadcast(s.b_scale), scale::broadcast(s.out_scale)},
       grid);
}

template <class Rounding = rounding::single, class Shape>
inline void add_s8(Shape shape, std::int8_t const* a, std::int8_t const* b, std::int8_t* y) noexcept {
  add_shape const s = shape;
  with_adder<Rounding>(
      s, [&](auto const& sum, output_grid const& grid) __attribute__((always_inline)) {
        for (index_t r = 0; r < s.out.h; ++r)
          add_run(s.out.w * s.out.c, grid, sum, a + s.a.origin() + r * s.a.row(), b + s.b.origin() + r * s.b.row(),
                  y + s.out.origin() + r * s.out.row());
      });
  fill_halo(s.out, y, static_cast<std::int8_t>(s.out_zero));
}

}  // namespace petra::rt
