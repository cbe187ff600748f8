// Register tile of a convolution: neighboring pixels of one row, each read once.
//
// In `row_tile` every multiply-add of a tile one vector wide reads its own broadcast, and the loads, two a cycle, become
// the limit. Here a number of the picture is broadcast once and multiplied by the weights of all taps of a kernel row,
// each product for another pixel: 3 taps and 16 pixels take 21 loads for 48 multiply-adds instead of 51.
//
// out (Pixels, lanes) = or += sum over kernel rows, channels c and taps t of a (pixel + t, c) * b (t, c, :) + bias
//
// Measured on Zen 5 (AVX-512, float, where a register-only loop made 239 GFLOP/s): 16 pixels x 1 vector 232, 8 x 2 the
// same; whole layers of a ResNet-20 at batch 32, against `row_tile` alone: 16 outputs 192 -> 229, 32 outputs 223 -> 245,
// 64 outputs 223 -> 266 (products with the padding count, but are not made), first layer 151 -> 205.
#pragma once
#include "petra/kernel/simd/row_tile.hpp"

namespace petra::inline PETRA_ABI::kernel::simd {

// Operands as for `row_tile`, but d.step is the distance of neighboring pixels of the picture, d.k == Taps * channels of
// the patches of neighboring outputs are Stride pixels apart. left, right: the first, the last pixel that the tile
// reaches is padding, and not read: two branches in a step that always go the same way, where instances for each end of
// a row took 1.5 s to compile.
// width: words from one row of b to the next; wider than the tile where it takes one vector of a panel of two.
template <index_t Taps, index_t Stride, index_t Pixels, index_t Vectors, class Word, class Out>
void sliding_tile(row_product const& d, Word const* a, Out* c, Word const* b, float const* bias, index_t last,
                  bool left, bool right, index_t width = Vectors * lanes) {
  constexpr index_t reach = (Pixels - 1) * Stride + Taps, groups = (reach + 3) / 4;
  tile<Pixels, Vectors> t;
  t.clear();

  // dx is in no near cache, and the loops are longer than what the machine looks ahead.
  if (d.accumulate)
#pragma GCC unroll 16
    for (index_t i = 0; i < Pixels; ++i)
      for (index_t v = 0; v < Vectors; ++v) __builtin_prefetch(c + i * d.c_step + v * lanes, 1);
  Word const* p[groups];
  index_t const step = d.step, step3 = 3 * step, channels = d.k / Taps, tap = channels * width;
#pragma GCC unroll 8
  for (index_t g = 0; g < groups; ++g) p[g] = a + 4 * g * step;
  for (index_t s = 0; s < d.segments; ++s) {
    auto const advance = [&](index_t n) __attribute__((always_inline)) {
#pragma GCC unroll 8
      for (index_t g = 0; g < groups; ++g) p[g] += n;
    };
      // Not unrolled: a step is long enough to hide the loop. Two copies of it were as fast and slower to compile.
#pragma GCC unroll 1
    for (index_t k = 0; k < channels; ++k, b += width) {
      decltype(load(b)) w[Taps][Vectors];
#pragma GCC unroll 8
      for (index_t i = 0; i < Taps; ++i)
#pragma GCC unroll 8
        for (index_t v = 0; v < Vectors; ++v) w[i][v] = load(b + i * tap + v * lanes);
      auto const column = [&](index_t j) __attribute__((always_inline)) {
        auto const x = broadcast(p[j / 4][j % 4 == 3 ? step3 : j % 4 * step]);
#pragma GCC unroll 8
        for (index_t i = 0; i < Taps; ++i)
          if (j >= i && (j - i) % Stride == 0 && (j - i) / Stride < Pixels)
#pragma GCC unroll 8
            for (index_t v = 0; v < Vectors; ++v)
              t.at[(j - i) / Stride][v] = fmadd(x, w[i][v], t.at[(j - i) / Stride][v]);
      };
      asm("" : "+r"(left), "+r"(right));  // or the compiler makes a copy of the loop for each case
      if (!left) column(0);
#pragma GCC unroll 32
      for (index_t j = 1; j + 1 < reach; ++j) column(j);
      if (!right) column(reach - 1);
      advance(1);
    }
    advance(d.jump - channels);
    b += (Taps - 1) * tap;
  }

  auto const pixel = [&](index_t i) __attribute__((always_inline)) { return c + i * d.c_step; };
  auto const every_pixel = [&](index_t) __attribute__((always_inline)) { return bias; };
  if (bias != nullptr) t.add(every_pixel, lanes);
  if (d.accumulate) t.add(pixel, last);
  t.write(pixel, last);
}

}  // namespace petra::kernel::simd
