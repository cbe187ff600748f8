// float 3 x 3 convolution with stride 1, bias and ReLU by Winograd's F(4 x 4, 3 x 3) (runtime/winograd_transforms_f32.hpp):
// a quarter of the multiplications; fills the frame of its output with zeros.
//
// y (OH,OW,O) = relu(bias + sum x * w)    x (H,W,C), w transformed by pack_winograd
//
// Tiles of 4 x 4 outputs are taken some at a time (`tiles`), so that what is transformed stays in the nearer caches:
//   v (36, tiles, C) from the inputs, m (36, tiles, 16 to 64 outputs) = v . w for each of the 36, outputs from m.
// Deterministic. Error relative to the largest output below 1e-5 for 128 inputs.
// Pre: suits_winograd(shape); scratch holds winograd_scratch(shape) floats.
// Cost, one core, AVX-512: 16 -> 16 of 32 x 32: 12 us (direct 22), 64 -> 64 of 8 x 8: 7.5 us (direct 20), 128 -> 128 of
// 28 x 28: 310 us (direct 990); maps of few tiles gain less (9 x 9 are 9 tiles, computed as 12 or 16).
#pragma once
#include "petra/runtime/conv_tile_f32.hpp"
#include "petra/runtime/halo.hpp"
#include "petra/runtime/output_blocks.hpp"
#include "petra/runtime/row_tiles.hpp"
#include "petra/runtime/winograd_transforms_f32.hpp"

namespace petra::inline PETRA_ABI::rt {

constexpr bool suits_winograd(conv_f32_shape const& s) noexcept {
  return s.kernel_h == 3 && s.kernel_w == 3 && s.stride == 1 && s.groups == 1;
}

struct winograd_extents {
  index_t down, across;  // tiles
  index_t tiles;         // taken at a time
  index_t channels;      // floats from one tile of v to the next: C, in whole vectors
  index_t v_stride;      // floats from one of the 36 to the next in v; an odd number of cache lines, as powers of two
  index_t m_stride;      //   would all fall into one set; likewise in m
  index_t outputs;       // floats from one tile of m to the next
};

// 512 KiB of v: half of L2 (C = 128: 25 tiles read 2.4 MB of weights twice, not four times).
inline constexpr index_t winograd_floats = 131072;
inline constexpr index_t most_blocks_winograd = f32_lanes == 16 ? 4 : 1;

constexpr winograd_extents winograd_of(conv_f32_shape const& s) noexcept {
  winograd_extents e{};
  e.down = (s.out.h + 3) / 4;
  e.across = (s.out.w + 3) / 4;
  e.channels = (s.in.c + f32_lanes - 1) / f32_lanes * f32_lanes;
  index_t const all = e.down * e.across, fit = winograd_floats / (36 * e.channels), most = fit < 8 ? 8 : fit;
  index_t const passes = (all + most - 1) / most;
  e.tiles = (all + passes - 1) / passes;
  if (passes > 1) e.tiles = (e.tiles + 7) / 8 * 8;
  index_t const padded =
      e.tiles + (f32_lanes == 16 ? 15 : 5);  // the last register tile may be longer than what is left
  e.outputs = 16 * most_blocks_winograd;
  e.v_stride = ((padded * e.channels + 15) / 16 | 1) * 16;
  e.m_stride = (padded * e.outputs / 16 | 1) * 16;
  return e;
}

// Floats of the transformed weights, and of the scratch memory.
constexpr index_t winograd_size(conv_f32_shape const& s) noexcept { return 36 * s.in.c * s.out.c; }
constexpr index_t winograd_scratch(conv_f32_shape const& s) noexcept {
  winograd_extents const e = winograd_of(s);
  return 36 * (e.v_stride + e.m_stride);
}

// Weights (O,3,3,C) -> blocks of 16 outputs, the last as narrow as what is left: [36][C][n].
[[gnu::cold]] constexpr void pack_winograd(conv_f32_shape const& s, float const* w, float* packed) noexcept {
  index_t const inputs = s.in.c;
  for (index_t o = 0; o < s.out.c; ++o) {
    index_t const first = o / 16 * 16, n = s.out.c - first < 16 ? s.out.c - first : 16;
    for (index_t c = 0; c < inputs; ++c) {
      double half[6][3] = {}, u[6] = {};
      for (index_t j = 0; j < 3; ++j) {
        double g[3] = {};
        for (index_t i = 0; i < 3; ++i) g[i] = static_cast<double>(w[((o * 3 + i) * 3 + j) * inputs + c]);
        transform_kernel(g, u);
        for (index_t i = 0; i < 6; ++i) half[i][j] = u[i];
      }
      for (index_t i = 0; i < 6; ++i) {
        transform_kernel(half[i], u);
        for (index_t j = 0; j < 6; ++j)
          packed[36 * first * inputs + ((6 * i + j) * inputs + c) * n + o - first] = static_cast<float>(u[j]);
      }
    }
  }
}

// Tiles [first, first + count) of the map, all channels, into v.
[[gnu::noinline]] inline void winograd_inputs_of(conv_f32_shape const& s, winograd_extents const& e, index_t first,
                                                 index_t count, float const* x, float* v) noexcept {
  index_t ty = first / e.across, tx = first % e.across;
  index_t const row = s.in.row(), step = s.in.c;
  for (index_t t = 0; t < count; ++t, v += e.channels) {
    index_t const down = s.out.h + 2 - 4 * ty, right = s.out.w + 2 - 4 * tx;
    float const* const at = x + window(s, 4 * ty, 4 * tx);
    for (index_t c = 0; c < s.in.c; c += f32_lanes) {
      if (down >= 6 && right >= 6 && s.in.c - c >= f32_lanes) {
        transform_input_tile(at + c, row, step, v + c, e.v_stride);
        continue;
      }
      // Where the map or the channels end: what is not there is 0.
      alignas(64) float patch[36 * f32_lanes] = {};
      index_t const n = s.in.c - c < f32_lanes ? s.in.c - c : f32_lanes;
      for (index_t i = 0; i < 6 && i < down; ++i)
        for (index_t j = 0; j < 6 && j < right; ++j)
          store(patch + (6 * i + j) * f32_lanes, load(at + i * row + j * step + c, n));
      transform_input_tile(patch, 6 * f32_lanes, f32_lanes, v + c, e.v_stride);
    }
    if (++tx == e.across) tx = 0, ++ty;
  }
}

// `outputs` outputs of tiles [first, first + count) from m; bias and y start at the first of them.
[[gnu::noinline]] inline void winograd_outputs_of(conv_f32_shape const& s, winograd_extents const& e, index_t first,
                                                  index_t count, index_t outputs, index_t m_step, float const* m,
                                                  float const* bias, float* y) noexcept {
  index_t ty = first / e.across, tx = first % e.across;
  for (index_t t = 0; t < count; ++t, m += m_step) {
    index_t const down = s.out.h - 4 * ty, right = s.out.w - 4 * tx;
    float* const at = y + s.out.origin() + 4 * ty * s.out.row() + 4 * tx * s.out.c;
    for (index_t o = 0; o < outputs; o += f32_lanes) {
      index_t const n = outputs - o < f32_lanes ? outputs - o : f32_lanes;
      f32v tile[4][4];
      transform_output_tile(m + o, e.m_stride, load(bias + o, n), tile);
      f32v const floor = s.relu ? f32v{} : f32v{} - __builtin_inff();
#pragma GCC unroll 4
      for (int i = 0; i < 4; ++i) {
        if (i >= down) break;
#pragma GCC unroll 4
        for (int j = 0; j < 4; ++j)
          if (j < right) store(at + i * s.out.row() + j * s.out.c + o, max(tile[i][j], floor), n);
      }
    }
    if (++tx == e.across) tx = 0, ++ty;
  }
}

// m (count * Tiles, 16 Blocks) = v (count * Tiles, C) . w (C, 16 (Blocks - 1) + last), one of the 36. The last block's
// weights have a pointer of their own, and `left` of them to the end of the array.
struct winograd_plan {
  index_t inputs;  // C
  index_t step;    // floats from one tile of v to the next
  index_t block;   // weights from a block of 16 outputs to the next
  index_t last;    // outputs in the last block
};
using winograd_tile = void (*)(float const* v, float const* w, float const* last, index_t left,
                               winograd_plan const& plan, index_t count, float* m) noexcept;

template <int Tiles, int Blocks>
[[gnu::noinline]] void multiply_tiles(float const* v, float const* w, float const* last, index_t left,
                                      winograd_plan const& plan, index_t count, float* m) noexcept {
  constexpr int vectors = Blocks * vectors_per_block;
  index_t const step = plan.step, step3 = 3 * step, step5 = 5 * step, step7 = 7 * step, block = plan.block;
  index_t const offset[8] = {0, step, 2 * step, step3, 4 * step, step5, 2 * step3, step7}, n = plan.last;
  for (; count > 0; --count, v += Tiles * step) {
    f32v sum[Tiles][vectors] = {};
    float const *in[2] = {v, v + 8 * step}, *p = w, *q = last;
    float const* const end = v + plan.inputs;
    index_t rest = left;
    do {
      f32v weight[vectors], tail[vectors_per_block];
#pragma GCC unroll 64
      for (int j = 0; j + vectors_per_block < vectors; ++j)
        weight[j] = load(p + j / vectors_per_block * block + j % vectors_per_block * f32_lanes);
      load_weights(q, n, rest, tail);
#pragma GCC unroll 64
      for (int j = 0; j < vectors_per_block; ++j) weight[vectors - vectors_per_block + j] = tail[j];
#pragma GCC unroll 64
      for (int t = 0; t < Tiles; ++t) {
        f32v const x = broadcast(in[t / 8][offset[t % 8]]);
#pragma GCC unroll 64
        for (int j = 0; j < vectors; ++j) sum[t][j] = x * weight[j] + sum[t][j];
      }
      p += 16;
      q += n;
      rest -= n;
      ++in[0];
      ++in[1];
    } while (in[0] != end);
#pragma GCC unroll 64
    for (int t = 0; t < Tiles; ++t)
#pragma GCC unroll 64
      for (int j = 0; j < vectors; ++j, m += f32_lanes) store(m, sum[t][j]);
  }
}

// The register tile for so many tiles: few sizes, so that few functions are compiled; the last one may compute tiles
// that are not there.
constexpr index_t register_tiles(index_t tiles, int blocks) noexcept {
  index_t const most = f32_lanes != 16 ? max_pixels_f32(1) : blocks == 1 ? 16 : blocks == 2 ? 8 : 6;
  if (most <= 4) return most;
  index_t const count = (tiles + most - 1) / most, even = (tiles + count - 1) / count;
  return even <= 4 ? 4 : even <= 6 ? 6 : even <= 7 && most > 6 ? 7 : even <= 8 || most == 8 ? most < 8 ? most : 8 : 16;
}

template <int Blocks>
winograd_tile multiplier_of(index_t tiles) noexcept {
  constexpr int most = static_cast<int>(register_tiles(1 << 20, Blocks));
  switch (tiles) {
    case 4:
      if constexpr (most >= 4) return &multiply_tiles<4, Blocks>;
      break;
    case 6:
      if constexpr (most >= 6) return &multiply_tiles<6, Blocks>;
      break;
    case 7:
      if constexpr (most >= 7) return &multiply_tiles<7, Blocks>;
      break;
    case 8:
      if constexpr (most >= 8) return &multiply_tiles<8, Blocks>;
      break;
    default:
      break;
  }
  return &multiply_tiles<most, Blocks>;
}

template <class Shape>
inline void winograd_f32(Shape shape, float const* x, float const* w, float const* bias, float* scratch,
                         float* y) noexcept {
  conv_f32_shape const s = shape;
  winograd_extents const e = winograd_of(s);
  float *const v = scratch, *const m = scratch + 36 * e.v_stride;
  index_t const all = e.down * e.across;
  for (index_t first = 0; first < all; first += e.tiles) {
    index_t const count = all - first < e.tiles ? all - first : e.tiles;
    winograd_inputs_of(s, e, first, count, x, v);
    auto const outputs = [&](auto blocks, index_t o, index_t last) {
      constexpr int n = decltype(blocks)::value;
      winograd_plan const plan{s.in.c, e.channels, 36 * s.in.c * 16, last};
      index_t const pixels = register_tiles(count, n), times = (count + pixels - 1) / pixels;
      winograd_tile const multiply = multiplier_of<n>(pixels);
      winograd_plan const& known = opaque(plan);
      float const* p = w + 36 * s.in.c * o;
      for (index_t i = 0; i < 36; ++i)
        multiply(v + i * e.v_stride, p + i * s.in.c * 16, p + 36 * s.in.c * 16 * (n - 1) + i * s.in.c * last,
                 (36 - i) * s.in.c * last, known, times, m + i * e.m_stride);
      winograd_outputs_of(s, e, first, count, 16 * (n - 1) + last, 16 * n, m, bias + o, y + o);
    };
    if (count <= 6)
      for_output_blocks<most_blocks_winograd>(shape, s.out.c, outputs);
    else
      for_output_blocks<max_blocks_f32>(shape, s.out.c, outputs);
  }
  fill_halo(s.out, y);
}

}  // namespace petra::rt
