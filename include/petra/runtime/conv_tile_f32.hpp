// Register tile of the float convolution: Pixels neighbors of one output row times Blocks x 16 outputs.
//
// A step broadcasts one input of each pixel against one row of weights. Tiles are functions of their own, called with
// these plans whether the extents are literals or not (runtime/conv_plan_s8.hpp says why).
#pragma once
#include "petra/runtime/pack.hpp"
#include "petra/runtime/vector.hpp"

namespace petra::inline PETRA_ABI::rt {

struct conv_plan_f32 {
  index_t step;      // inputs from the window of one output pixel to the next one's
  index_t row;       // inputs from one kernel row to the next
  index_t kernel_h;  // kernel rows
  index_t run;       // inputs in a kernel row
  index_t block;     // weights from a block of 16 outputs to the next
  index_t last;      // outputs in the tile's last block, 1 to 16
  index_t out_step;  // outputs from one pixel to the next
  bool relu;
};

// Most blocks a tile may hold, and most pixels it may then have: sums, weights and an input fit the registers (32 of 16
// floats, 16 of 8, 32 of 4 on aarch64, 16 of 4 with SSE2). Two blocks of 8 pixels read half as many weights as four
// blocks of 4: 64 -> 64 outputs, 8 x 8, whose weights do not fit L1, take 19.8 us instead of 21.7.
inline constexpr int vectors_per_block = 16 / f32_lanes;
inline constexpr int max_blocks_f32 = f32_lanes == 16 ? 2 : 1;
constexpr int max_pixels_f32(int blocks) noexcept {
  if (f32_lanes == 16) return blocks == 1 ? 16 : 8;
#if defined(__aarch64__)
  return 6;
#else
  return f32_lanes == 8 ? 6 : 2;
#endif
}

// One row of a block's weights. `left` counts the weights to the end of the array: a block narrower than 16 is read
// over its row's end, into the next row, except near the end of the array; the sums of lanes that are not there are
// never stored.
template <int Vectors>
PETRA_INLINE void load_weights(float const* w, index_t n, [[maybe_unused]] index_t left, f32v (&v)[Vectors]) noexcept {
  if constexpr (Vectors == 1) {
    v[0] = load(w, n);
  } else if (left >= 16) {
#pragma GCC unroll 64
    for (int j = 0; j < Vectors; ++j) v[j] = load(w + j * f32_lanes);
  } else {
#pragma GCC unroll 64
    for (int j = 0; j < Vectors; ++j) v[j] = n > j * f32_lanes ? load(w + j * f32_lanes, n - j * f32_lanes) : f32v{};
  }
}

// y (16 (Blocks - 1) + last) = relu(sum)
template <int Blocks>
PETRA_INLINE void store_pixel(f32v const (&sum)[Blocks * vectors_per_block], conv_plan_f32 const& plan,
                              float* y) noexcept {
  index_t const outputs = 16 * (Blocks - 1) + plan.last;
#pragma GCC unroll 64
  for (int j = 0; j < Blocks * vectors_per_block; ++j) {
    f32v const v = plan.relu ? max(sum[j], f32v{}) : sum[j];
    index_t const left = outputs - j * f32_lanes;
    if (left >= f32_lanes)
      store(y + j * f32_lanes, v);
    else if (left > 0)
      store(y + j * f32_lanes, v, left);
  }
}

// bias: 16 per block, whether in use or not.
using conv_tile_f32 = void (*)(float const* x, float const* w, conv_plan_f32 const& plan, float const* bias,
                               float* y) noexcept;

template <int Pixels, int Blocks>
[[gnu::noinline]] void conv_tile(float const* x, float const* w, conv_plan_f32 const& plan, float const* bias,
                                 float* y) noexcept {
  constexpr int vectors = Blocks * vectors_per_block;
  f32v sum[Pixels][vectors];
#pragma GCC unroll 64
  for (int p = 0; p < Pixels; ++p)
#pragma GCC unroll 64
    for (int j = 0; j < vectors; ++j) sum[p][j] = load(bias + j * f32_lanes);

  // Multiples of the pixel step that addresses can hold: 0 1 2 4 8 from the step itself, the rest from three more.
  index_t const step = plan.step, step3 = 3 * step, step5 = 5 * step, step7 = 7 * step, block = plan.block;
  index_t const offset[8] = {0, step, 2 * step, step3, 4 * step, step5, 2 * step3, step7};
  index_t const n = plan.last, run = plan.run, row = plan.row;
  float const* last = w + (Blocks - 1) * block;
  index_t kh = plan.kernel_h, left = kh * run * n;
  do {
    float const* in[2] = {x, x + 8 * step};
    float const* const end = x + run;
    do {
      f32v weight[vectors];
#pragma GCC unroll 64
      for (int j = 0; j + vectors_per_block < vectors; ++j)
        weight[j] = load(w + j / vectors_per_block * block + j % vectors_per_block * f32_lanes);
      f32v tail[vectors_per_block];
      load_weights(last, n, left, tail);
#pragma GCC unroll 64
      for (int j = 0; j < vectors_per_block; ++j) weight[vectors - vectors_per_block + j] = tail[j];
#pragma GCC unroll 64
      for (int p = 0; p < Pixels; ++p) {
        f32v const v = broadcast(in[p / 8][offset[p % 8]]);
#pragma GCC unroll 64
        for (int j = 0; j < vectors; ++j) sum[p][j] = v * weight[j] + sum[p][j];
      }
      w += 16;
      last += n;
      left -= n;
      ++in[0];
      ++in[1];
    } while (in[0] != end);
    x += row;
  } while (--kh != 0);
#pragma GCC unroll 64
  for (int p = 0; p < Pixels; ++p) store_pixel<Blocks>(sum[p], plan, y + p * plan.out_step);
}

// One pixel, in four (one block) or two interleaved sums, so that the latency of a multiply-add does not decide: what a
// dense layer needs.
template <int Blocks>
[[gnu::noinline]] void conv_pixel(float const* x, float const* w, conv_plan_f32 const& plan, float const* bias,
                                  float* y) noexcept {
  constexpr int vectors = Blocks * vectors_per_block, ways = vectors <= 2 ? 4 : 2;
  f32v sum[ways][vectors];
#pragma GCC unroll 64
  for (int i = 0; i < ways; ++i)
#pragma GCC unroll 64
    for (int j = 0; j < vectors; ++j) sum[i][j] = i == 0 ? load(bias + j * f32_lanes) : f32v{};
  float const* last = w + (Blocks - 1) * plan.block;
  index_t left = plan.kernel_h * plan.run * plan.last;
  auto const step = [&](int i, index_t k) __attribute__((always_inline)) {
    f32v const v = broadcast(x[k]);
#pragma GCC unroll 64
    for (int j = 0; j + vectors_per_block < vectors; ++j)
      sum[i][j] =
          v * load(w + j / vectors_per_block * plan.block + j % vectors_per_block * f32_lanes + 16 * k) + sum[i][j];
    f32v tail[vectors_per_block];
    load_weights(last + k * plan.last, plan.last, left - k * plan.last, tail);
#pragma GCC unroll 64
    for (int j = 0; j < vectors_per_block; ++j) {
      f32v& s = sum[i][vectors - vectors_per_block + j];
      s = v * tail[j] + s;
    }
  };
  for (index_t kh = 0; kh < plan.kernel_h; ++kh) {
    index_t k = 0;
    for (; k + ways <= plan.run; k += ways)
#pragma GCC unroll 64
      for (int i = 0; i < ways; ++i) step(i, k + i);
    for (; k < plan.run; ++k) step(0, k);
    x += plan.row;
    w += 16 * plan.run;
    last += plan.last * plan.run;
    left -= plan.last * plan.run;
  }
#pragma GCC unroll 64
  for (int i = 1; i < ways; ++i)
#pragma GCC unroll 64
    for (int j = 0; j < vectors; ++j) sum[0][j] += sum[i][j];
  store_pixel<Blocks>(sum[0], plan, y);
}

}  // namespace petra::rt
