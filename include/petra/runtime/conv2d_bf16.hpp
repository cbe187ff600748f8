// Convolution in bf16 with bias and ReLU: float in, float out, weights of half the bytes; fills the frame of its output
// with zeros. A dense layer of one row or many, or a 1x1 convolution, is a convolution too.
//
// y (OH,OW,O) = relu(bias + sum bf16(x) * bf16(w))    x (H,W,C), w packed by pack_bf16 (runtime/pack_bf16.hpp)
//
// Inputs are rounded to nearest, ties to even, a band of rows at a time; products of two bf16 numbers are exact in float
// and summed in float. By VDPBF16PS where the machine has it (it takes denormals for zero), elsewhere by float
// multiply-adds. Pixels of a 1x1 convolution without frames are the rows of one matrix product.
//
// Deterministic; the order of summation depends on the instruction set and the shape only.
// Error against the same layer in float: at most 2^-7 * sum |x w|, half of it from each rounding, and that of float sums.
// Pre: those of conv_f32_shape; groups == 1; scratch holds conv_bf16_scratch(shape) numbers and overlaps nothing; inputs
// are finite where KW * C is odd (the zero that fills a pair meets the input behind it).
// Cost: one core, AVX512-BF16, 96 % of its products: 64 -> 64 of 8 x 8 9.9 us (float 21), 128 -> 128 of 28 x 28 513 us
// (float 1030), 512 -> 512 of one row 4.3 us (float 8.1). Emulated, of the float kernel's speed: AVX2 0.7 to 1, AVX-512
// 0.9 to 1 (16 outputs: 0.55).
#pragma once
#include "petra/runtime/conv_tile_bf16.hpp"
#include "petra/runtime/halo.hpp"
#include "petra/runtime/output_blocks.hpp"
#include "petra/runtime/pack_bf16.hpp"
#include "petra/runtime/row_tiles.hpp"

namespace petra::inline PETRA_ABI::rt {

template <int Blocks>
struct conv_tiles_bf16 {
  using function = conv_tile_bf16;
  static constexpr int max_pixels = max_pixels_bf16(Blocks);
  template <int Pixels>
  static constexpr function at() noexcept {
    return &conv_tile<Pixels, Blocks>;
  }
};

// Outputs [first, first + 16 (Blocks - 1) + last) of every pixel of output rows [top, top + rows); x: bf16, the window of
// the first pixel. Kernel rows that lie outside the map see zeros, and are left out: 8 % of the work of an 8 x 8 map.
template <int Blocks, class Shape>
inline void conv_blocks_bf16(Shape shape, index_t top, index_t rows, index_t first, index_t last,
                             std::uint16_t const* x, std::uint16_t const* packed, float const* bias,
                             float* y) noexcept {
  conv_f32_shape const s = shape;
  index_t const run = pairs(s), block = s.kernel_h * run * 16;
  conv_plan_bf16 plan{.step = s.stride * s.in.c,
                      .row = s.in.row(),
                      .kernel_h = s.kernel_h,
                      .run = run,
                      .block = block,
                      .tail = (Blocks - 1) * block,
                      .left = s.kernel_h * run * last,
                      .last = last,
                      .out_step = s.out.c,
                      .floor = s.relu ? 0.f : -__builtin_inff()};
  alignas(64) float start[16 * Blocks] = {};
  for (index_t o = 0; o < 16 * (Blocks - 1) + last; ++o) start[o] = bias[first + o];
  auto const* const w = reinterpret_cast<float const*>(packed) + first * s.kernel_h * run;
  if (s.out.h == 1 && s.out.w == 1 && s.pad_h == 0) return conv_pixel<Blocks>(x, w, opaque(plan), start, y + first);
  auto const tiles = row_tiles<conv_tiles_bf16<Blocks>>::of(shape, s.out.w);
  for (index_t r = 0; r < rows; ++r) {
    index_t const in = (top + r) * s.stride - s.pad_h, above = in < 0 ? -in : 0, below = in + s.kernel_h - s.in.h;
    index_t const skipped = above < s.kernel_h ? above : s.kernel_h - 1;
    plan.kernel_h = s.kernel_h - skipped - (below > 0 && below < s.kernel_h - skipped ? below : 0);
    plan.tail = (Blocks - 1) * block - skipped * run * (16 - last);
    plan.left = (s.kernel_h - skipped) * run * last;
    tiles(
        x + (r * s.stride + skipped) * plan.row, plan.step, y + first + r * s.out.row(), plan.out_step,
        [&](auto tile, std::uint16_t const* p, float* q) { tile(p, w + skipped * run * 16, opaque(plan), start, q); });
  }
}

template <class Shape>
inline void conv_bands_bf16(Shape shape, float const* x, std::uint16_t const* w, float const* bias,
                            std::uint16_t* scratch, float* y) noexcept {
  conv_f32_shape const s = shape;
  index_t const band = band_rows(s), frame = s.in.halo_h - s.pad_h;
  for (index_t oy = 0; oy < s.out.h; oy += band) {
    index_t const rows = s.out.h - oy < band ? s.out.h - oy : band;
    index_t const numbers = ((rows - 1) * s.stride + s.kernel_h) * s.in.row();
    round_to_bf16(x + (oy * s.stride + frame) * s.in.row(), numbers, scratch);
    scratch[numbers] = 0;
    for_output_blocks<max_blocks_f32>(shape, s.out.c, [&](auto blocks, index_t first, index_t last) {
      conv_blocks_bf16<decltype(blocks)::value>(shape, oy, rows, first, last, scratch + (s.in.halo - s.pad) * s.in.c, w,
                                                bias, y + s.out.origin() + oy * s.out.row());
    });
  }
  fill_halo(s.out, y);
}

template <class Shape>
inline void conv2d_bf16(Shape shape, float const* x, std::uint16_t const* w, float const* bias, void* scratch,
                        float* y) noexcept {
  auto* const numbers = static_cast<std::uint16_t*>(scratch);
  if constexpr (is_fixed<Shape>) {
    constexpr conv_f32_shape s = Shape::value;
    if constexpr (is_pixelwise(s)) {
      constexpr conv_f32_shape bands = in_bands(s), rest = rest_of_bands(s);
      conv_bands_bf16(fixed<bands>{}, x, w, bias, numbers, y);
      if constexpr (rest.in.w > 0)
        conv_bands_bf16(fixed<rest>{}, x + bands.in.elements(), w, bias, numbers, y + bands.out.elements());
    } else {
      conv_bands_bf16(shape, x, w, bias, numbers, y);
    }
  } else {
    conv_f32_shape const s = shape;
    bool const flat = is_pixelwise(s);
    conv_f32_shape const bands = flat ? in_bands(s) : s;
    conv_bands_bf16(bands, x, w, bias, numbers, y);
    if (conv_f32_shape const rest = rest_of_bands(s); flat && rest.in.w > 0)
      conv_bands_bf16(rest, x + bands.in.elements(), w, bias, numbers, y + bands.out.elements());
  }
}

}  // namespace petra::rt
