// int8 matrix product of rows of activations with packed weights, to int32 or requantized to int8.
//
// matmul_s8_s32   y (M,N) = offset (N) + sum_k (x (M,K) + 128) * w
// matmul_s8       y (M,N) = clamp(out_zero + requantize(matmul_s8_s32))    a factor per column; ReLU: out_min = out_zero
//
// w is packed as for a 1 x 1 convolution (runtime/pack.hpp), so a dense layer, a pointwise convolution and a product
// share their weights; offset is its folded bias. Both exact: nothing is read behind x, w or offset, and nothing is
// written between the rows of y.
//
// Source: TensorFlow Lite int8 specification, FULLY_CONNECTED (per-channel). Bit-exact on every instruction set and to
// kernel/reference/matmul_s8.hpp. Deterministic.
// Pre: weights in [-127, 127], K <= 65536 (32-bit sums); x_row >= K, y_row >= N; y overlaps nothing.
// Cost: one core, AVX-512 VNNI: 0.95 of the peak from 128 x 128 x 128 on, 0.88 at 64, 0.7 at 32.
#pragma once
#include "petra/runtime/matmul_tile_avx512.hpp"
#include "petra/runtime/matmul_tile_pairs.hpp"
#include "petra/runtime/output_blocks.hpp"
#include "petra/runtime/row_tiles.hpp"

namespace petra::inline PETRA_ABI::rt {

struct matmul_s8_shape {
  index_t m = 1, n = 1, k = 1;
  index_t x_row = k, y_row = n;  // elements from one row to the next
  std::int32_t out_zero = 0, out_min = -128, out_max = 127;
};

// The 1 x 1 convolution that has the same weights: for packed_size, pack and fold_bias.
constexpr conv_shape as_convolution(matmul_s8_shape const& s) noexcept {
  return {.in = {1, s.m, s.k, 0},
          .out = {1, s.m, s.n, 0},
          .out_zero = s.out_zero,
          .out_min = s.out_min,
          .out_max = s.out_max};
}
constexpr index_t packed_size(matmul_s8_shape const& s) noexcept { return packed_size(as_convolution(s)); }

// Weights (N,K) -> packed, and bias (N) -> offset.
constexpr void pack(matmul_s8_shape const& s, std::int8_t const* w, std::int8_t* packed) noexcept {
  pack(as_convolution(s), w, packed);
}
constexpr void fold_bias(matmul_s8_shape const& s, std::int8_t const* w, std::int32_t const* bias, std::int32_t in_zero,
                         std::int32_t* offset) noexcept {
  fold_bias(as_convolution(s), w, bias, in_zero, offset);
}

template <int Blocks>
struct matmul_tiles_s8 {
  using function = matmul_tile_s8;
  static constexpr int max_pixels = matmul_rows_s8(Blocks);
  template <int Rows>
  static constexpr function at() noexcept {
    return &matmul_tile<Rows, Blocks>;
  }
};

// Whether the tiles of a shape become code of its own.
template <class Shape>
inline constexpr bool is_tiny_literal = [] {
  if constexpr (is_fixed<Shape>)
    return is_tiny(Shape::value.m, Shape::value.n, Shape::value.k);
  else
    return false;
}();

// A tile of such a shape. Not inlined: where it is, g++ 12 keeps copies of all sums in memory.
template <int Rows, int Blocks, class Shape>
[[gnu::noinline]] void literal_tile(std::int8_t const* x, std::int8_t const* w, index_t last, index_t out_step,
                                    std::int32_t const* offset, std::int32_t* y) noexcept {
  constexpr matmul_s8_shape s = Shape::value;
  matmul_sums<Rows, Blocks, true>(x, w, {s.x_row, s.k, 64 * ((s.k + 3) / 4), last, out_step}, offset, y);
}

// All tiles of a product, panel by panel: panel(blocks, first output, outputs in the last block) yields what is then
// called for each tile, (its first row, its rows, tile); tile(y) puts its sums there, out_step apart (0: side by side).
template <int Most, class Shape, class Panel>
PETRA_INLINE void matmul_panels(Shape shape, std::int8_t const* x, std::int8_t const* w, std::int32_t const* offset,
                                index_t out_step, Panel panel) noexcept {
  matmul_s8_shape const s = shape;
  auto const extents = [&] {
    if constexpr (is_fixed<Shape>)
      return fixed<as_convolution(Shape::value)>{};
    else
      return as_convolution(s);
  }();
  index_t const block = 64 * ((s.k + 3) / 4);
  for_output_blocks<Most>(extents, s.n, [&](auto blocks, index_t first, index_t last) {
    constexpr int count = decltype(blocks)::value;
    index_t const y_step = out_step == 0 ? 16 * count : out_step;
    matmul_plan_s8 const plan{s.x_row, s.k, block, last, y_step};
    auto const tiles = row_tiles<matmul_tiles_s8<count>>::of(extents, s.m);
    std::int8_t const *in = x, *const weights = w + first / 16 * block;
    std::int32_t moved[16 * count];
    std::int32_t const* const from = tile_offset(weights, plan, offset + first, moved);
    auto const store = panel(blocks, first, last);
    for (index_t i = 0, row = 0; i < tiles.cut.count; ++i) {
      bool const longer = i < tiles.cut.longer;
      index_t const rows = tiles.cut.pixels + longer;
      store(
          row, rows, [&](std::int32_t * y) __attribute__((always_inline)) {
            if constexpr (is_tiny_literal<Shape>) {
              constexpr row_cut cut = cut_row(Shape::value.m, matmul_rows_s8(count));
              constexpr int pixels = static_cast<int>(cut.pixels);
              if constexpr (cut.longer != 0)
                if (longer) return literal_tile<pixels + 1, count, Shape>(in, weights, last, y_step, from, y);
              literal_tile<pixels, count, Shape>(in, weights, last, y_step, from, y);
            } else {
              (longer ? tiles.longer : tiles.shorter)(in, weights, opaque(plan), from, y);
            }
          });
      in += rows * s.x_row;
      row += rows;
    }
  });
}

// Blocks at a time as matmul_blocks_s8 says.
template <class Shape, class Panel>
PETRA_INLINE void matmul_products(Shape shape, std::int8_t const* x, std::int8_t const* w, std::int32_t const* offset,
                                  index_t out_step, Panel panel) noexcept {
  constexpr int most = max_matmul_blocks_s8;
  if constexpr (is_fixed<Shape>)
    matmul_panels<matmul_blocks_s8(Shape::value.m, packed_size(Shape::value))>(shape, x, w, offset, out_step, panel);
  else if (most > 1 && matmul_blocks_s8(shape.m, packed_size(shape)) == most)
    matmul_panels<most>(shape, x, w, offset, out_step, panel);
  else
    matmul_panels<1>(shape, x, w, offset, out_step, panel);
}

template <class Shape>
inline void matmul_s8_s32(Shape shape, std::int8_t const* x, std::int8_t const* w, std::int32_t const* offset,
                          std::int32_t* y) noexcept {
  matmul_s8_shape const s = shape;
  matmul_products(shape, x, w, offset, s.y_row, [&](auto, index_t first, index_t) {
    return [y = y + first, step = s.y_row](index_t row, index_t, auto tile) { tile(y + row * step); };
  });
}

// y (rows, 16 (blocks - 1) + last) = onto_grid(requantize(sum (rows, 16 blocks)))
template <class Rounding>
[[gnu::noinline]] void requantize_rows(std::int32_t const* sum, index_t rows, index_t blocks, index_t last,
                                       requantizer<Rounding> const* scale, output_grid const& grid, std::int8_t* y,
                                       index_t y_row) noexcept {
  for (index_t r = 0; r < rows; ++r, y += y_row, sum += 16 * blocks) {
    if (blocks == 4 && last == 16) {
      i32x16 const v[4] = {scale[0](i32x16::load(sum, 16)), scale[1](i32x16::load(sum + 16, 16)),
                           scale[2](i32x16::load(sum + 32, 16)), scale[3](i32x16::load(sum + 48, 16))};
      store(y, v, grid);
    } else {
      for (index_t b = 0; b < blocks; ++b) {
        index_t const n = b + 1 < blocks ? 16 : last;
        store(y + 16 * b, scale[b](i32x16::load(sum + 16 * b, n)), grid, n);
      }
    }
  }
}

// The outputs of some blocks on their grid: what a panel does with its tiles.
template <class Rounding, int Blocks>
struct requantized_panel {
  requantizer<Rounding> scale[Blocks];
  output_grid grid;
  std::int8_t* y;
  index_t y_row, last;

  template <class Tile>
  PETRA_INLINE void operator()(index_t row, index_t rows, Tile tile) const noexcept {
    alignas(64) std::int32_t sum[16 * Blocks * matmul_rows_s8(Blocks)];
    tile(sum);
    requantize_rows<Rounding>(sum, rows, Blocks, last, scale, grid, y + row * y_row, y_row);
  }
};

template <class Rounding = rounding::single, class Shape>
inline void matmul_s8(Shape shape, std::int8_t const* x, std::int8_t const* w, std::int32_t const* offset,
                      std::int32_t const* multiplier, std::int8_t const* shift, std::int8_t* y) noexcept {
  matmul_s8_shape const s = shape;
  matmul_products(shape, x, w, offset, 0, [&](auto blocks, index_t first, index_t last) {
    constexpr int count = decltype(blocks)::value;
    requantized_panel<Rounding, count> p;
    for (int b = 0; b < count; ++b) {
      index_t const o = first + 16 * b;
      p.scale[b] = requantizer<Rounding>::load(multiplier + o, shift + o, b + 1 < count ? 16 : last);
    }
    p.grid = {s.out_zero, s.out_min, s.out_max};
    p.y = y + first;
    p.y_row = s.y_row;
    p.last = last;
    return p;
  });
}

}  // namespace petra::rt
