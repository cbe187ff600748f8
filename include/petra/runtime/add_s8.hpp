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

// a * 2^left.
struct shifted {
  std::int32_t left;
  PETRA_INLINE i32x16 operator()(i32x16 a) const noexcept { return a << left; }
};
// requantize(a * 2^left).
template <class Scale>
struct shifted_scale {
  std::int32_t left;
  Scale scale;
  PETRA_INLINE i32x16 operator()(i32x16 a) const noexcept { return scale(a << left); }
};

// The arithmetic of an addition, its factors prepared: of differences to the zero points, 16 at a time, to the sum
// before it is moved onto its grid.
//
// The addend with the coarser grid has the factor 1/2, exactly: a shift does it. Shifting the other one left by 3 more
// and right by 3 more changes nothing (differences of int8 have 9 bits, 9 + 23 = 32) and makes its factor small enough
// for the shorter requantization. Both together: 1.9 us instead of 3.1 for 32 x 32 x 16.
template <class Rounding>
struct addition_s8 {
  enum class exact { none, a, b };  // whose factor is 1/2

  exact half = exact::none;
  std::int32_t left = 0;
  high_requantizer finer, high_sum;
  requantizer<Rounding> a, b, sum;

  PETRA_INLINE static addition_s8 of(add_shape const& s) noexcept {
    addition_s8 r{};
    r.left = s.left_shift;
    requant const one_half{1 << 30, 0};
    if constexpr (requires { Rounding::once; }) {
      auto const fits = [&](requant const& coarse, requant const& fine) {
        return coarse == one_half && s.left_shift >= 1 && s.left_shift <= 20 && fine.shift <= 1 && fine.shift >= -28 &&
               s.out_scale.shift <= -2;
      };
      r.half = fits(s.a_scale, s.b_scale) ? exact::a : fits(s.b_scale, s.a_scale) ? exact::b : exact::none;
      requant const fine = r.half == exact::a ? s.b_scale : s.a_scale;
      if (r.half != exact::none) {
        r.finer = high_requantizer::broadcast({fine.multiplier, fine.shift - 3});
        r.high_sum = high_requantizer::broadcast(s.out_scale);
      }
    }
    r.a = requantizer<Rounding>::broadcast(s.a_scale);
    r.b = requantizer<Rounding>::broadcast(s.b_scale);
    r.sum = requantizer<Rounding>::broadcast(s.out_scale);
    return r;
  }
  // f(scale of a, scale of b, scale of the sum).
  template <class F>
  PETRA_INLINE void apply_general(F const& f) const noexcept {
    f(shifted_scale<requantizer<Rounding>>{left, a}, shifted_scale<requantizer<Rounding>>{left, b}, sum);
  }
  [[nodiscard]] PETRA_INLINE shifted coarser() const noexcept { return {left - 1}; }
  [[nodiscard]] PETRA_INLINE shifted_scale<high_requantizer> shifted_finer() const noexcept {
    return {left + 3, finer};
  }
};

// All rows, given the three scales.
template <class A, class B, class Sum>
PETRA_INLINE void add_rows(add_shape const& s, A const& scale_a, B const& scale_b, Sum const& scale_sum,
                           std::int8_t const* a, std::int8_t const* b, std::int8_t* y) noexcept {
  output_grid const grid{s.out_zero, s.out_min, s.out_max};
  i32x16 const a_zero = i32x16::broadcast(s.a_zero), b_zero = i32x16::broadcast(s.b_zero);
  index_t const n = s.out.w * s.out.c;
  for (index_t r = 0; r < s.out.h; ++r) {
    std::int8_t const* pa = a + s.a.origin() + r * s.a.row();
    std::int8_t const* pb = b + s.b.origin() + r * s.b.row();
    std::int8_t* py = y + s.out.origin() + r * s.out.row();
    auto const scaled = [&](i32x16 va, i32x16 vb) __attribute__((always_inline)) {
      return scale_sum(scale_a(va - a_zero) + scale_b(vb - b_zero));
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
  using addition = addition_s8<Rounding>;
  add_shape s = shape;
  addition const sum = addition::of(s);
  if constexpr (requires { Rounding::once; })
    if (sum.half != addition::exact::none) {
      if (sum.half == addition::exact::b) {  // the coarser one first
        std::int8_t const* const first = b;
        b = a, a = first;
        feature_map const map = s.b;
        s.b = s.a, s.a = map;
        std::int32_t const zero = s.b_zero;
        s.b_zero = s.a_zero, s.a_zero = zero;
      }
      return add_rows(s, sum.coarser(), sum.shifted_finer(), sum.high_sum, a, b, y);
    }
  sum.apply_general([&](auto const& of_a, auto const& of_b, auto const& of_sum)
                        __attribute__((always_inline)) { add_rows(s, of_a, of_b, of_sum, a, b, y); });
}

}  // namespace petra::rt
