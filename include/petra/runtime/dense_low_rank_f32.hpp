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

template <class Shape>
inline void dense_low_rank_f32(Shape shape, float const* x, low_rank_factor_f32 const& v, low_rank_factor_f32 const& u,
                               float* scratch, float* y) noexcept {
  low_rank_f32_shape const s = shape;
  for_low_rank_panels(
      shape, [&](auto first, auto second, index_t row) __attribute__((always_inline)) {
        conv2d_of_kind<conv_kind::plain>(first, x + row * s.c, v.w, v.bias, scratch);
        conv2d_of_kind<conv_kind::plain>(second, scratch, u.w, u.bias, y + row * s.o);
      });
}

}  // namespace petra::rt
