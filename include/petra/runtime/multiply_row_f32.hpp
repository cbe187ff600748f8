// One row times packed weights: a dense layer of one row whose weights come from L2 or beyond.
//
// y (O) = relu(bias + x (C) . w)    w (C,O) packed as for a 1 x 1 convolution (runtime/pack.hpp)
//
// Weights are read once, in the order in which they lie: reading is all that takes time. Blocks of 16 outputs have eight
// vectors of sums, so that multiply-adds do not wait for each other. Exact: nothing is read behind x, w or bias.
#pragma once
#include "petra/runtime/conv_tile_f32.hpp"

namespace petra::inline PETRA_ABI::rt {

// The next block of n outputs; n = 16 where Full.
template <bool Full>
PETRA_INLINE void multiply_block(float const* x, float const* w, index_t inputs, index_t n, float const* bias,
                                 bool relu, float* y) noexcept {
  constexpr int vectors = vectors_per_block, ways = 8 / vectors;
  f32v sum[ways][vectors];
#pragma GCC unroll 64
  for (int v = 0; v < vectors; ++v) {
    index_t const left = n - v * f32_lanes;
    sum[0][v] = Full ? load(bias + v * f32_lanes) : f32v{};
    if (!Full && left > 0) sum[0][v] = load(bias + v * f32_lanes, left < f32_lanes ? left : f32_lanes);
#pragma GCC unroll 64
    for (int i = 1; i < ways; ++i) sum[i][v] = f32v{};
  }
  auto const input = [&](int i, index_t k) __attribute__((always_inline)) {
    f32v weight[vectors];
    if constexpr (Full) {
#pragma GCC unroll 64
      for (int v = 0; v < vectors; ++v) weight[v] = load(w + 16 * k + v * f32_lanes);
    } else {
      load_weights(w + n * k, n, n * (inputs - k), weight);
    }
    f32v const in = broadcast(x[k]);
#pragma GCC unroll 64
    for (int v = 0; v < vectors; ++v) sum[i][v] = in * weight[v] + sum[i][v];
  };
  index_t k = 0;
  for (; k + ways <= inputs; k += ways)
#pragma GCC unroll 64
    for (int i = 0; i < ways; ++i) input(i, k + i);
  for (; k < inputs; ++k) input(0, k);
#pragma GCC unroll 64
  for (int v = 0; v < vectors; ++v) {
#pragma GCC unroll 64
    for (int i = 1; i < ways; ++i) sum[0][v] += sum[i][v];
    f32v const out = relu ? max(sum[0][v], f32v{}) : sum[0][v];
    index_t const left = n - v * f32_lanes;
    if (Full || left >= f32_lanes)
      store(y + v * f32_lanes, out);
    else if (left > 0)
      store(y + v * f32_lanes, out, left);
  }
}

[[gnu::noinline]] inline void multiply_row(float const* x, float const* w, index_t inputs, index_t outputs,
                                           float const* bias, bool relu, float* y) noexcept {
  for (; outputs >= 16; outputs -= 16, w += 16 * inputs, bias += 16, y += 16)
    multiply_block<true>(x, w, inputs, 16, bias, relu, y);
  if (outputs > 0) multiply_block<false>(x, w, inputs, outputs, bias, relu, y);
}

}  // namespace petra::rt
