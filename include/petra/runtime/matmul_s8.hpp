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
#include "petra/runtime/requantize_rows.hpp"
#include "petra/runtime/row_tiles.hpp"

namespace petra::inline PETRA_ABI::rt {

struct matmul_s8_shape {
  index_t m = 1, n = 1, k = 1;
  index_t x_row = k, y_row = n;  // elements from one row to the next
  std::int32_t out_zero = 0, out_min = -128, out_max = 127;
};

// One row (m = 1) whose other extents may be known at run time only: tiles of more rows need not be compiled.
struct matmul_s8_row : matmul_s8_shape {
  static constexpr bool one_row = true;
};

template <class Shape>
constexpr bool is_row_type() noexcept {
  if constexpr (is_fixed<Shape>)
    return Shape::value.m == 1;
  else
    return requires { Shape::one_row; };
}

// The 1 x 1 convolution that has the same weights: for packed_size, pack and fold_bias.
constexpr conv_shape as_convolution(matmul_s8_shape const& s) noexcept {
  return {.in = {1, s.m, s.k, 0},
          .out = {1, s.m, s.n, 0},
          .out_zero = s.out_zero,
          .out_min = s.out_min,
          .out_max = s.out_max};
}
// A convolution to one pixel is the product of one row with its weights, if all its inputs lie side by side.
constexpr bool is_one_row(conv_shape const& s) noexcept {
  index_t const run = s.kernel_w * s.in.c;
  return s.out.pixels() == 1 && s.groups == 1 && (s.kernel_h == 1 || (s.in.row() == run && run % 4 == 0));
}
constexpr matmul_s8_row as_product(conv_shape const& s) noexcept {
  index_t const n = s.out.c, k = s.kernel_h * s.kernel_w * s.in.c;
  return {{.n = n, .k = k, .out_zero = s.out_zero, .out_min = s.out_min, .out_max = s.out_max}};
}
constexpr index_t packed_size(matmul_s8_shape const& s) noexcept { return s.n * ((s.k + 3) / 4 * 4); }

// Weights (N,K) -> packed, and bias (N) -> offset.
constexpr void pack(matmul_s8_shape const& s, std::int8_t const* w, std::int8_t* packed) noexcept {
  pack(as_convolution(s), w, packed);
}
constexpr void fold_bias(matmul_s8_shape const& s, std::int8_t const* w, std::int32_t const* bias, std::int32_t in_zero,
                         std::int32_t* offset) noexcept {
  fold_bias(as_convolution(s), w, bias, in_zero, offset);
}

// Tiles by their number of rows, less one.
template <int Blocks>
struct matmul_tiles_s8 {
  matmul_tile_s8 of_rows[matmul_rows_s8(Blocks)];

  template <int Rows>
  constexpr void fill() noexcept {
    of_rows[Rows - 1] = &matmul_tile<Rows, Blocks>;
    if constexpr (Rows > 1) fill<Rows - 1>();
  }
  constexpr matmul_tiles_s8() noexcept : of_rows{} { fill<matmul_rows_s8(Blocks)>(); }
};
template <int Blocks>
inline constexpr matmul_tiles_s8<Blocks> all_matmul_tiles_s8{};

// Apart: sums of 16 Blocks outputs side by side, in a buffer of their own; else y_row from row to row.
template <int Blocks, bool Apart>
constexpr matmul_plan_s8 plan_of(matmul_s8_shape const& s, index_t last) noexcept {
  index_t const block = 64 * ((s.k + 3) / 4);
  return {s.x_row, s.k, block, (Blocks - 1) * block, last, Apart ? 16 : last, Apart ? 16 * Blocks : s.y_row};
}

template <class Shape>
constexpr bool is_tiny_literal() noexcept {
  if constexpr (is_fixed<Shape>)
    return is_tiny(Shape::value.m, Shape::value.n, Shape::value.k);
  else
    return false;
}

// A tile of a tiny literal product. Not inlined: where it is, g++ 12 keeps copies of all sums in memory.
template <int Rows, int Blocks, class Shape, bool Narrow, bool Apart>
[[gnu::noinline]] void literal_tile(std::int8_t const* x, std::int8_t const* w, std::int32_t const* offset,
                                    std::int32_t* y) noexcept {
  constexpr matmul_s8_shape s = Shape::value;
  constexpr index_t last = Narrow ? s.n % 16 : 16;
  matmul_sums<Rows, Blocks, true>(x, w, plan_of<Blocks, Apart>(s, last), offset, y);
}
// The tile of a literal shape.
template <int Rows, int Blocks, bool Apart, class Shape>
PETRA_INLINE void run_tile(std::int8_t const* x, std::int8_t const* w, [[maybe_unused]] matmul_plan_s8 const& plan,
                           [[maybe_unused]] index_t last, std::int32_t const* offset, std::int32_t* y) noexcept {
  constexpr matmul_s8_shape s = Shape::value;
  if constexpr (!is_tiny_literal<Shape>()) {
    matmul_tile<Rows, Blocks>(x, w, plan, offset, y);
  } else {
    if constexpr (s.n % 16 != 0)
      if (last < 16) return literal_tile<Rows, Blocks, Shape, true, Apart>(x, w, offset, y);
    literal_tile<Rows, Blocks, Shape, false, Apart>(x, w, offset, y);
  }
}

// The tile of a row alone: weights that come from beyond the first cache are read one block after the other.
template <int Blocks>
PETRA_INLINE void row_tile(std::int8_t const* x, std::int8_t const* w, matmul_plan_s8 const& plan, bool in_order,
                           std::int32_t const* offset, std::int32_t* y) noexcept {
  if (Blocks == 1 || !in_order) return matmul_tile<1, Blocks>(x, w, plan, offset, y);
  matmul_plan_s8 one = plan;
  one.to_last = 0;
  for (int b = 0; b < Blocks; ++b) {
    one.last = b + 1 < Blocks ? 16 : plan.last;
    one.stored = b + 1 < Blocks ? 16 : plan.stored;
    matmul_tile<1, 1>(x, w + b * plan.block, one, offset + 16 * b, y + 16 * b);
  }
}

// All tiles of a product, panel by panel: panel(blocks, first output, outputs in the last block) yields what is then
// called for each tile, (its first row, its rows, tile); tile(y) puts its sums there.
template <bool Apart, class Shape, class Panel>
PETRA_INLINE void matmul_products(Shape shape, std::int8_t const* x, std::int8_t const* w, std::int32_t const* offset,
                                  Panel panel) noexcept {
  matmul_s8_shape const s = shape;
  auto const extents = [&] {
    if constexpr (is_fixed<Shape>)
      return fixed<as_convolution(Shape::value)>{};
    else
      return s.n;
  }();
  for_output_blocks<max_matmul_blocks_s8>(extents, s.n, [&](auto blocks, index_t first, index_t last) {
    constexpr int count = decltype(blocks)::value, most = matmul_rows_s8(count);
    matmul_plan_s8 const made = plan_of<count, Apart>(s, last), &plan = opaque(made);
    std::int8_t const *in = x, *const weights = w + first / 16 * plan.block;
    std::int32_t moved[16 * count];
    std::int32_t const* const from = tile_offset(weights, plan, offset + first, moved);
    auto const store = panel(blocks, first, last);
    bool const in_order = reads_in_order(s.m, packed_size(s));
    auto const alone = [&](std::int32_t * y) __attribute__((always_inline)) {
      row_tile<count>(in, weights, plan, in_order, from, y);
    };
    if constexpr (is_row_type<Shape>() && !is_tiny_literal<Shape>()) {
      store(0, 1, alone);
    } else if constexpr (is_fixed<Shape>) {
      constexpr row_cut cut = cut_row(Shape::value.m, most);
      constexpr int rows = static_cast<int>(cut.pixels), longer = rows + (cut.longer != 0);
      for (index_t i = 0; i < cut.longer; ++i, in += longer * s.x_row)
        store(
            i * longer, longer, [&](std::int32_t * y) __attribute__((always_inline)) {
              run_tile<longer, count, Apart, Shape>(in, weights, plan, last, from, y);
            });
      for (index_t i = cut.longer; i < cut.count; ++i, in += rows * s.x_row)
        store(
            cut.longer + i * rows, rows, [&](std::int32_t * y) __attribute__((always_inline)) {
              run_tile<rows, count, Apart, Shape>(in, weights, plan, last, from, y);
            });
    } else if (s.m == 1) {
      store(0, 1, alone);
    } else {
      row_cut const cut = s.m <= most ? row_cut{1, s.m, 0} : cut_row(s.m, most);
      for (index_t i = 0, row = 0; i < cut.count; ++i) {
        index_t const rows = cut.pixels + (i < cut.longer);
        matmul_tile_s8 const tile = all_matmul_tiles_s8<count>.of_rows[rows - 1];
        store(
            row, rows, [&](std::int32_t * y) __attribute__((always_inline)) { tile(in, weights, plan, from, y); });
        in += rows * s.x_row;
        row += rows;
      }
    }
  });
}

template <class Shape>
inline void matmul_s8_s32(Shape shape, std::int8_t const* x, std::int8_t const* w, std::int32_t const* offset,
                          std::int32_t* y) noexcept {
  matmul_s8_shape const s = shape;
  matmul_products<false>(shape, x, w, offset, [&](auto, index_t first, index_t) {
    return [y = y + first, step = s.y_row](index_t row, index_t, auto tile) { tile(y + row * step); };
  });
}

// The tiles of some blocks onto their grid.
template <class Rounding, int Blocks>
struct matmul_panel_s8 {
  requantized_panel<Rounding, Blocks> factors;
  std::int8_t* y;
  index_t y_row;

  template <class Tile>
  PETRA_INLINE void operator()(index_t row, index_t rows, Tile tile) const noexcept {
    alignas(64) std::int32_t sum[16 * Blocks * matmul_rows_s8(Blocks)];
    tile(sum);
    factors(sum, rows, y + row * y_row, y_row);
  }
};

template <class Rounding = rounding::single, class Shape>
inline void matmul_s8(Shape shape, std::int8_t const* x, std::int8_t const* w, std::int32_t const* offset,
                      std::int32_t const* multiplier, std::int8_t const* shift, std::int8_t* y) noexcept {
  matmul_s8_shape const s = shape;
  output_grid const grid{s.out_zero, s.out_min, s.out_max};
  auto const one_row = [&] {
    matmul_products<true>(shape, x, w, offset, [&](auto blocks, index_t first, index_t last) {
      return [=](index_t, index_t, auto tile) {
        alignas(64) std::int32_t sum[16 * blocks.value];
        tile(sum);
        requantize_row<Rounding, blocks.value>(sum, multiplier + first, shift + first, last, grid, y + first);
      };
    });
  };
  auto const rows = [&] {
    matmul_products<true>(shape, x, w, offset, [&](auto blocks, index_t first, index_t last) {
      return matmul_panel_s8<Rounding, blocks.value>{
          {multiplier + first, shift + first, last, grid}, y + first, s.y_row};
    });
  };
  if constexpr (is_row_type<Shape>())
    one_row();
  else if constexpr (is_fixed<Shape>)
    rows();
  else
    s.m == 1 ? one_row() : rows();
}

}  // namespace petra::rt
