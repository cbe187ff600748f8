// int8 convolution and the addition that follows it, in one pass over the pixels; fills the frame of its output.
//
// y (OH,OW,O) = add_s8(conv2d_s8(x), r)    x (H,W,C), r (OH,OW,O), w packed (runtime/pack.hpp)
//
// The fields of conv_shape say what the convolution alone would store (its zero point and bounds), the others the
// addition, as add_shape does. What the convolution stores is never in memory, and the output may take the place of the
// other map. Cost of the addition for 32 x 32 x 16, one core, AVX-512 VNNI: 1.1 us; 2.6 as a call of its own without the
// linear form, 0.7 with it, since sums come through memory here.
//
// Source: TensorFlow Lite int8 specification, CONV_2D and ADD. Bit-exact to runtime/conv2d_s8.hpp followed by
// runtime/add_s8.hpp, and to kernel/reference/conv2d_add_s8.hpp. Deterministic.
// Pre: those of conv_shape and fold_bias; groups = 1; r has the output's h, w, c, its frame may differ. y may be r where
// both have the same frame; else it overlaps nothing.
#pragma once
#include "petra/runtime/conv2d_s8.hpp"
#include "petra/runtime/store_added_s8.hpp"

namespace petra::inline PETRA_ABI::rt {

struct conv_add_shape : conv_shape {
  feature_map added{};  // r
  std::int32_t added_zero = 0, left_shift = 20;
  requant own_scale{}, added_scale{}, sum_scale{};
  std::int32_t sum_zero = 0, sum_min = -128, sum_max = 127;
  linear_sum linear{};  // of the convolution's output and r
};

// The addition alone, of what the convolution would store without a frame.
constexpr add_shape addition_of(conv_add_shape const& s) noexcept {
  feature_map own = s.out;
  own.halo = 0;
  return {own,           s.added,     s.out,      s.out_zero, s.added_zero, s.left_shift, s.own_scale,
          s.added_scale, s.sum_scale, s.sum_zero, s.sum_min,  s.sum_max,    s.linear};
}

// A convolution and the addition of its output (a) and another map (b): the one shape for both.
constexpr conv_add_shape join(conv_shape const& conv, add_shape const& add) noexcept {
  conv_add_shape s{conv,          add.b,        add.b_zero,  add.left_shift, add.a_scale, add.b_scale,
                   add.out_scale, add.out_zero, add.out_min, add.out_max,    add.linear};
  s.out.halo = add.out.halo;
  return s;
}

// For conv_pixels: every row's place in the other map.
template <class Rounding>
struct onto_sum {
  std::int32_t zero;
  feature_map map;
  std::int8_t const* r;
  added_s8<Rounding> added;

  PETRA_INLINE onto_sum(conv_add_shape const& s, std::int8_t const* other) noexcept
      : zero(s.out_zero),
        map(s.added),
        r(other),
        added{{i32x16::broadcast(s.out_zero), i32x16::broadcast(s.added_zero), s.left_shift,
               requantizer<Rounding>::broadcast(s.own_scale), requantizer<Rounding>::broadcast(s.added_scale),
               requantizer<Rounding>::broadcast(s.sum_scale)},
              linear_adder::of(s.linear),
              {s.out_zero, s.out_min, s.out_max},
              {s.sum_zero, s.sum_min, s.sum_max},
              false,
              s.linear.right > 0,
              nullptr,
              nullptr} {}
  template <int Blocks>
  PETRA_INLINE void begin(conv_plan_s8& plan) noexcept {
    added.high = plan.high;
    plan.high = false;
    plan.grid = added.grid;
    plan.store = &store_added<Blocks, Rounding>;
    plan.with = &added;
  }
  PETRA_INLINE void row(index_t oy, index_t first, std::int8_t const* y) noexcept {
    added.from = r + map.origin() + oy * map.row() + first;
    added.first = y;
  }
};

template <class Rounding = rounding::single, class Shape>
inline void conv2d_add_s8(Shape shape, std::int8_t const* x, std::int8_t const* r, std::int8_t const* w,
                          std::int32_t const* bias, std::int32_t const* multiplier, std::int8_t const* shift,
                          std::int8_t* y) noexcept {
  conv_add_shape const s = shape;
  onto_sum<Rounding> output(s, r);
  conv_pixels<Rounding>(shape, output, x, w, bias, multiplier, shift, y);
  fill_halo(s.out, y, static_cast<std::int8_t>(s.sum_zero));
}

}  // namespace petra::rt
