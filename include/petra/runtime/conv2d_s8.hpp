// int8 convolution with bias, requantization and clamp (ReLU: out_min = out_zero); fills the frame of its output.
//
// y (OH,OW,O) = clamp(out_zero + requantize(bias + sum (x + 128) * w))    x (H,W,C), w packed (runtime/pack.hpp)
//
// Source: TensorFlow Lite int8 specification, CONV_2D. Bit-exact on every instruction set and to
// kernel/reference/conv2d_s8.hpp. Deterministic.
// Pre: those of conv_shape; bias folded for the input's zero point (fold_bias).
// Cost: one core, AVX-512 VNNI, 3 x 3, of what registers alone reach: 91 to 97 % from 32 outputs on, 83 % with 16; groups
// run plain loops.
#pragma once
#include "petra/runtime/conv_edge_s8.hpp"
#include "petra/runtime/depthwise_s8.hpp"
#include "petra/runtime/grouped_s8.hpp"
#include "petra/runtime/halo.hpp"
#include "petra/runtime/matmul_s8.hpp"
#include "petra/runtime/output_blocks.hpp"
#include "petra/runtime/row_tiles.hpp"

namespace petra::inline PETRA_ABI::rt {

template <int Blocks, int Columns, class Rounding>
struct conv_tiles_s8 {
  using function = conv_tile_s8<Rounding>;
  static constexpr int max_pixels = max_pixels_s8(Blocks);
  template <int Pixels>
  static constexpr function at() noexcept {
    return &conv_tile<Pixels, Blocks, Columns, Rounding>;
  }
};

// Bias and factors of outputs [first, first + 16 (Blocks - 1) + last). Returns whether all factors are high.
template <int Blocks, class Rounding>
PETRA_INLINE bool load_factors(index_t first, index_t last, std::int32_t const* bias, std::int32_t const* multiplier,
                               std::int8_t const* shift, std::int32_t out_zero,
                               conv_factors_s8<Rounding> (&factors)[Blocks]) noexcept {
  for (int b = 0; b < Blocks; ++b) {
    index_t const o = first + 16 * b, n = b + 1 < Blocks ? 16 : last;
    factors[b] = {i32x16::load(bias + o, n), requantizer<Rounding>::load(multiplier + o, shift + o, n),
                  high_scale::load(multiplier + o, shift + o, n, out_zero)};
  }
  return are_high<Rounding>(shift + first, 16 * (Blocks - 1) + last);
}

// Where tiles write, the pixels of some outputs in order: begin(first output, outputs), then for every row
// row(its place in the map) and at(a tile's place there, as if pixels were step() bytes apart), at last end(). This one:
// into the map itself.
struct onto_map {
  index_t pixel;  // bytes from one to the next
  void begin(index_t, index_t) const noexcept {}
  [[nodiscard]] index_t step() const noexcept { return pixel; }
  void row(std::int8_t const*) const noexcept {}
  [[nodiscard]] PETRA_INLINE std::int8_t* at(std::int8_t* q) const noexcept { return q; }
  void end() const noexcept {}
};

// Outputs [first, first + 16 (Blocks - 1) + last) of every pixel.
template <int Blocks, int Columns, class Rounding, class Shape, class Output>
inline void conv_blocks(Shape shape, Output& output, index_t first, index_t last, std::int8_t const* x,
                        std::int8_t const* w, std::int32_t const* bias, std::int32_t const* multiplier,
                        std::int8_t const* shift, std::int8_t* y) noexcept {
  conv_shape const s = shape;
  index_t const row_bytes = 4 * quads(s);
  output.begin(first, 16 * (Blocks - 1) + last);
  conv_plan_s8 plan{.step = s.stride * s.in.c,
                    .row = s.in.row(),
                    .kernel_h = s.kernel_h,
                    .run = Columns == 1 ? quads(s) : s.in.c / 4,
                    .block = s.kernel_h * row_bytes * 16,
                    .column = s.in.c * last,
                    .last = last,
                    .out_step = output.step(),
                    .grid = {s.out_zero, s.out_min, s.out_max}};
  conv_factors_s8<Rounding> factors[Blocks];
  plan.high = load_factors(first, last, bias, multiplier, shift, s.out_zero, factors);
  w += first * s.kernel_h * row_bytes;
  std::int8_t* const origin = y + s.out.origin() + first;
  if (s.out.h == 1 && s.out.w == 1) {
    i32x16 sum[Blocks];
    for (int b = 0; b < Blocks; ++b) sum[b] = factors[b].bias;
    conv_plan_s8 dense = plan;
    dense.run = quads(s);
    conv_edge_s8 const edge = conv_edge_s8::of(dense, x + s.in.elements(), s.kernel_w * s.in.c, 1);
    auto const sums = [&](std::int8_t const* p, conv_plan_s8 const& known) __attribute__((always_inline)) {
      accumulate_pixel(p, w, known, sum);
    };
    if (edge.crossed(x + window(s, 0, 0)))
      with_copy(dense, edge, x + window(s, 0, 0), sums);
    else
      sums(x + window(s, 0, 0), dense);
    output.row(origin);
    std::int8_t* const to = output.at(origin);
    for (int b = 0; b < Blocks; ++b)
      store(to + 16 * b, factors[b].scale(sum[b]), plan.grid, b + 1 < Blocks ? 16 : last);
    return output.end();
  }
  using family = conv_tiles_s8<Blocks, Columns, Rounding>;
  auto const tiles = row_tiles<family>::of(shape, s.out.w);
  conv_plan_s8 const& known = opaque(plan);
  conv_edge_s8 const edge = conv_edge_s8::of(plan, x + s.in.elements(), s.kernel_w * s.in.c, family::max_pixels);
  for (index_t oy = 0; oy < s.out.h; ++oy) {
    output.row(origin + oy * s.out.row());
    tiles(
        x + window(s, oy, 0), plan.step, origin + oy * s.out.row(),
        plan.out_step, [&](auto tile, std::int8_t const* p, std::int8_t* q) __attribute__((always_inline)) {
          std::int8_t* const to = output.at(q);
          if (edge.crossed(p)) return run_on_copy(tile, known, edge, p, w, factors, to);
          tile(p, w, known, factors, to);
        });
  }
  output.end();
}

// Whether an input quad can serve three columns of the kernel at once (runtime/conv_tile_avx512.hpp).
constexpr bool shares_columns(conv_shape const& s) noexcept {
  return shares_columns_s8 && s.kernel_w == 3 && s.stride == 1 && s.in.c % 4 == 0;
}

// Blocks of outputs at a time: two where rows of 7 or 8 pixels are one tile of two blocks but two tiles of four, which
// would read the weights twice as often (8 x 8, 64 -> 64: 1 %, 128 -> 128: 3 %).
constexpr int most_blocks(index_t width) noexcept {
  return max_blocks_s8 > 2 && (width == 7 || width == 8) ? 2 : max_blocks_s8;
}

// All outputs of a convolution of one group, without the frame.
template <class Rounding, class Shape, class Output>
inline void conv_pixels(Shape shape, Output& output, std::int8_t const* x, std::int8_t const* w,
                        std::int32_t const* bias, std::int32_t const* multiplier, std::int8_t const* shift,
                        std::int8_t* y) noexcept {
  conv_shape const s = shape;
  auto const by_blocks = [&](auto blocks, index_t first, index_t last) {
    constexpr int count = decltype(blocks)::value, shared = count == 1 && shares_columns_s8 ? 3 : 1;
    if constexpr (is_fixed<Shape>)
      conv_blocks<count, shares_columns(Shape::value) ? shared : 1, Rounding>(shape, output, first, last, x, w, bias,
                                                                              multiplier, shift, y);
    else if (shared == 3 && shares_columns(s))
      conv_blocks<count, shared, Rounding>(shape, output, first, last, x, w, bias, multiplier, shift, y);
    else
      conv_blocks<count, 1, Rounding>(shape, output, first, last, x, w, bias, multiplier, shift, y);
  };
  if constexpr (is_fixed<Shape>)
    for_output_blocks<most_blocks(Shape::value.out.w)>(shape, s.out.c, by_blocks);
  else if (most_blocks(s.out.w) == max_blocks_s8)
    for_output_blocks<max_blocks_s8>(shape, s.out.c, by_blocks);
  else
    for_output_blocks<most_blocks(8)>(shape, s.out.c, by_blocks);
}

template <conv_kind Kind, class Rounding, class Shape>
inline void conv2d_of_kind(Shape shape, std::int8_t const* x, std::int8_t const* w, std::int32_t const* bias,
                           std::int32_t const* multiplier, std::int8_t const* shift, std::int8_t* y) noexcept {
  if constexpr (Kind == conv_kind::depthwise) {
    depthwise_s8<Rounding>(shape, x, w, bias, multiplier, shift, y);
  } else if constexpr (Kind == conv_kind::grouped) {
    grouped_s8<Rounding>(shape, x, w, bias, multiplier, shift, y);
  } else {
    conv_shape const s = shape;
    onto_map output{s.out.c};
    auto const by_blocks = [&] { conv_pixels<Rounding>(shape, output, x, w, bias, multiplier, shift, y); };
    // A single pixel is a product (64 -> 64: 17 ns, by tiles of one pixel 41).
    auto const by_product = [&](auto product) {
      matmul_s8<Rounding>(product, x + window(s, 0, 0), w, bias, multiplier, shift, y + s.out.origin());
    };
    if constexpr (!is_fixed<Shape>)
      is_one_row(s) ? by_product(as_product(s)) : by_blocks();
    else if constexpr (is_one_row(Shape::value))
      by_product(fixed<as_product(Shape::value)>{});
    else
      by_blocks();
    fill_halo(s.out, y, static_cast<std::int8_t>(s.out_zero));
  }
}

template <class Rounding = rounding::single, class Shape>
inline void conv2d_s8(Shape shape, std::int8_t const* x, std::int8_t const* w, std::int32_t const* bias,
                      std::int32_t const* multiplier, std::int8_t const* shift, std::int8_t* y) noexcept {
  using enum conv_kind;
  if constexpr (is_fixed<Shape>)
    conv2d_of_kind<kind_of(Shape::value), Rounding>(shape, x, w, bias, multiplier, shift, y);
  else if (kind_of(shape) == plain)
    conv2d_of_kind<plain, Rounding>(shape, x, w, bias, multiplier, shift, y);
  else if (kind_of(shape) == depthwise)
    conv2d_of_kind<depthwise, Rounding>(shape, x, w, bias, multiplier, shift, y);
  else
    conv2d_of_kind<grouped, Rounding>(shape, x, w, bias, multiplier, shift, y);
}

}  // namespace petra::rt
