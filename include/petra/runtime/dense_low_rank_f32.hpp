// float dense layer whose weights are a product of two thin matrices.
//
// y (M,O) = relu(bias_u + (bias_v + x . V) . U)    x (M,C), V (C,R), U (R,O)
//
// Fused: some rows at a time go through both factors, so the numbers between them never leave L1. Scratch holds those:
// low_rank_scratch(shape) floats. Deterministic. Reads nothing behind any operand.
// Factors are packed as the 1 x 1 convolutions that low_rank_first and low_rank_second name (runtime/pack.hpp).
// Pre: y and scratch overlap nothing. Cost: 2 M R (C + O) operations.
#pragma once
#include "petra/runtime/conv2d_f32.hpp"
#include "petra/runtime/low_rank_panels.hpp"
#include "petra/runtime/multiply_row_f32.hpp"

namespace petra::inline PETRA_ABI::rt {

struct low_rank_f32_shape {
  index_t m = 1, c = 1, rank = 1, o = 1;
  bool relu = false;

  [[nodiscard]] constexpr index_t rank_bytes() const noexcept { return 4 * rank; }
};

// One factor: packed weights and bias.
struct low_rank_factor_f32 {
  float const* w;
  float const* bias;
};

constexpr conv_f32_shape low_rank_first(low_rank_f32_shape const& s, index_t rows) noexcept {
  return {.in = {1, rows, s.c, 0}, .out = {1, rows, s.rank, 0}};
}
constexpr conv_f32_shape low_rank_second(low_rank_f32_shape const& s, index_t rows) noexcept {
  return {.in = {1, rows, s.rank, 0}, .out = {1, rows, s.o, 0}, .relu = s.relu};
}
constexpr index_t low_rank_scratch(low_rank_f32_shape const& s) noexcept {
  return low_rank_rows(s.m, s.rank_bytes()) * s.rank;
}

// Tiles of more rows than a convolution's, where registers allow: 12 rows of two blocks read a third less weights from L2
// than 8 do, 0.975 instead of 0.955 of the fastest two products for 64 rows, rank 64 of 512 x 512.
struct low_rank_tiles_f32 {
  using function = conv_tile_f32;
  static constexpr int max_pixels = f32_lanes == 16 ? 12 : max_pixels_f32(max_blocks_f32);
  template <int Pixels>
  static constexpr function at() noexcept {
    return &conv_tile<Pixels, max_blocks_f32>;
  }
};

// Whether such tiles take these outputs; literal extents then compile nothing else.
constexpr bool takes_low_rank_tiles(conv_f32_shape const& s) noexcept {
  return f32_lanes == 16 && s.out.w > 1 && s.out.c % (16 * max_blocks_f32) == 0;
}

template <class Shape>
PETRA_INLINE void low_rank_tiles(Shape shape, float const* x, float const* w, float const* bias, float* y) noexcept {
  conv_f32_shape const s = shape;
  index_t const run = s.in.c;
  conv_plan_f32 const plan{.step = run,
                           .row = run,
                           .kernel_h = 1,
                           .run = run,
                           .block = run * 16,
                           .last = 16,
                           .out_step = s.out.c,
                           .relu = s.relu};
  conv_plan_f32 const& known = opaque(plan);
  auto const tiles = row_tiles<low_rank_tiles_f32>::of(shape, s.out.w);
  for (index_t first = 0; first < s.out.c; first += 16 * max_blocks_f32)
    tiles(x, plan.step, y + first, plan.out_step,
          [&](auto tile, float const* p, float* q) { tile(p, w + first * run, known, bias + first, q); });
}

template <class Shape>
PETRA_INLINE void low_rank_product(Shape shape, float const* x, float const* w, float const* bias, float* y) noexcept {
  constexpr auto literal = [](auto f) {
    if constexpr (is_fixed<Shape>)
      return f(Shape::value);
    else
      return false;
  };
  constexpr bool row = literal([](conv_f32_shape const& s) { return s.out.w == 1; });
  constexpr bool tiles = literal([](conv_f32_shape const& s) { return takes_low_rank_tiles(s); });
  conv_f32_shape const s = shape;
  if (s.out.w == 1) return multiply_row(x, w, s.in.c, s.out.c, bias, s.relu, y);
  if constexpr (f32_lanes == 16 && !row)
    if (takes_low_rank_tiles(s)) return low_rank_tiles(shape, x, w, bias, y);
  if constexpr (!row && !tiles) conv2d_of_kind<conv_kind::plain>(shape, x, w, bias, y);
}

template <class Shape>
inline void dense_low_rank_f32(Shape shape, float const* x, low_rank_factor_f32 const& v, low_rank_factor_f32 const& u,
                               float* scratch, float* y) noexcept {
  low_rank_f32_shape const s = shape;
  for_low_rank_panels(
      shape, [&](auto first, auto second, index_t row) __attribute__((always_inline)) {
        low_rank_product(first, x + row * s.c, v.w, v.bias, scratch);
        low_rank_product(second, scratch, u.w, u.bias, y + row * s.o);
      });
}

}  // namespace petra::rt
