// Register tile of the convolution in bf16: Pixels neighbors of one output row times Blocks x 16 outputs, sums in float.
//
// A step broadcasts a pair of inputs of each pixel against the pairs of one row of weights (runtime/pack_bf16.hpp): one
// VDPBF16PS, at the rate of a multiply-add. Elsewhere each half of a word is moved to where a float has it, and two
// multiply-adds follow; what is moved of the weights serves all pixels, what is moved of a pixel all its outputs.
// Weights are words of the size of a float, and are loaded as if they were floats.
//
// Two blocks of 14 pixels need all 32 registers and read a row of weights once for 28 products: 128 -> 128 outputs, 28 x
// 28, take 525 us instead of 590 with 8 pixels at most.
#pragma once
#include "petra/runtime/bf16.hpp"
#include "petra/runtime/conv_tile_f32.hpp"

namespace petra::inline PETRA_ABI::rt {

struct conv_plan_bf16 {
  index_t step;      // numbers from the window of one output pixel to the next one's
  index_t row;       // numbers from one kernel row to the next
  index_t kernel_h;  // kernel rows
  index_t run;       // pairs in a kernel row
  index_t block;     // words of weights from a block of 16 outputs to the next
  index_t tail;      // words from the first block of a tile to its last
  index_t left;      // words from there to the end of the array, or fewer
  index_t last;      // outputs in the tile's last block, 1 to 16
  index_t out_step;  // outputs from one pixel to the next
  float floor;       // 0 where there is a ReLU, else minus infinity
};

// Most pixels of a tile.
constexpr int max_pixels_bf16(int blocks) noexcept {
#if defined(__AVX512BF16__)
  if (f32_lanes == 16) return blocks == 1 ? 16 : 14;
#else
  if (f32_lanes == 16) return blocks == 1 ? 16 : 12;  // halves of weights and inputs take registers, too
#endif
#if defined(__aarch64__)
  return 4;
#else
  return f32_lanes == 8 ? 4 : 2;
#endif
}

PETRA_INLINE f32v broadcast_pair(std::uint16_t const* x) noexcept {
  float word;
  __builtin_memcpy(&word, x, sizeof word);
  using u32v [[gnu::vector_size(PETRA_VECTOR_BYTES)]] = std::uint32_t;
  return reinterpret_cast<f32v>(__builtin_bit_cast(std::uint32_t, word) - u32v{});
}

// sum += x[0] * w[0] + x[1] * w[1], in every lane.
PETRA_INLINE void dot(f32v& sum, f32v x, f32v w) noexcept {
#if defined(__AVX512BF16__) && PETRA_VECTOR_BYTES == 64
  // Assembly because of its "+v", as in runtime/conv_tile_avx512.hpp; and clang 16 dies of broadcasts it sees through.
  asm("{vdpbf16ps %2, %1, %0|vdpbf16ps %0, %1, %2}" : "+v"(sum) : "v"(x), "v"(w));
#else
  using u32v [[gnu::vector_size(PETRA_VECTOR_BYTES)]] = std::uint32_t;
  auto const xw = reinterpret_cast<u32v>(x), ww = reinterpret_cast<u32v>(w);
  sum = reinterpret_cast<f32v>(xw << 16) * reinterpret_cast<f32v>(ww << 16) + sum;
  sum = reinterpret_cast<f32v>(xw & 0xffff0000u) * reinterpret_cast<f32v>(ww & 0xffff0000u) + sum;
#endif
}

// Keeps a sum where it is until the loops are over; without it g++ 12 copies every sum in every step.
PETRA_INLINE void keep([[maybe_unused]] f32v& sum) noexcept {
#if defined(__AVX512BF16__) && PETRA_VECTOR_BYTES == 64
  asm("" : "+v"(sum));
#endif
}

// y (Pixels, 16 (Blocks - 1) + last) = max(sum, floor)
template <int Pixels, int Blocks>
PETRA_INLINE void store_tile(f32v (&sum)[Pixels][Blocks * vectors_per_block], conv_plan_bf16 const& plan,
                             float* y) noexcept {
  constexpr int vectors = Blocks * vectors_per_block, whole = vectors - vectors_per_block;
  f32v const floor = broadcast(plan.floor);
#pragma GCC unroll 64
  for (int p = 0; p < Pixels; ++p)
#pragma GCC unroll 64
    for (int j = 0; j < vectors; ++j) sum[p][j] = max(floor, sum[p][j]);  // in this order: NaN stays NaN
  if (plan.last == 16) {
#pragma GCC unroll 64
    for (int p = 0; p < Pixels; ++p)
#pragma GCC unroll 64
      for (int j = 0; j < vectors; ++j) store(y + p * plan.out_step + j * f32_lanes, sum[p][j]);
    return;
  }
#pragma GCC unroll 64
  for (int p = 0; p < Pixels; ++p) {
    float* const to = y + p * plan.out_step;
#pragma GCC unroll 64
    for (int j = 0; j < vectors; ++j) {
      index_t const n = plan.last - (j - whole) * f32_lanes;
      if (j < whole || (vectors_per_block > 1 && n >= f32_lanes))
        store(to + j * f32_lanes, sum[p][j]);
      else if (vectors_per_block == 1 || n > 0)
        store(to + j * f32_lanes, sum[p][j], n);
    }
  }
}

// bias: 16 per block, whether in use or not.
using conv_tile_bf16 = void (*)(std::uint16_t const* x, float const* w, conv_plan_bf16 const& plan, float const* bias,
                                float* y) noexcept;

template <int Pixels, int Blocks>
[[gnu::noinline]] void conv_tile(std::uint16_t const* x, float const* w, conv_plan_bf16 const& plan, float const* bias,
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
  float const* last = w + plan.tail;
  index_t kh = plan.kernel_h, left = plan.left;
  do {
    std::uint16_t const* in[2] = {x, x + 8 * step};
    std::uint16_t const* const end = x + 2 * run;
    do {
      f32v weight[vectors], tail[vectors_per_block];
#pragma GCC unroll 64
      for (int j = 0; j + vectors_per_block < vectors; ++j)
        weight[j] = load(w + j / vectors_per_block * block + j % vectors_per_block * f32_lanes);
      load_weights(last, n, left, tail);
#pragma GCC unroll 64
      for (int j = 0; j < vectors_per_block; ++j) weight[vectors - vectors_per_block + j] = tail[j];
#pragma GCC unroll 64
      for (int p = 0; p < Pixels; ++p) {
        f32v const v = broadcast_pair(in[p / 8] + offset[p % 8]);
#pragma GCC unroll 64
        for (int j = 0; j < vectors; ++j) dot(sum[p][j], v, weight[j]);
      }
      w += 16;
      last += n;
      left -= n;
      in[0] += 2;
      in[1] += 2;
    } while (in[0] != end);
    x += row;
  } while (--kh != 0);
#pragma GCC unroll 64
  for (int p = 0; p < Pixels; ++p)
#pragma GCC unroll 64
    for (int j = 0; j < vectors; ++j) keep(sum[p][j]);
  store_tile<Pixels, Blocks>(sum, plan, y);
}

// One pixel, in several interleaved sums, so that the latency of a product does not decide: what a dense layer needs.
template <int Blocks>
[[gnu::noinline]] void conv_pixel(std::uint16_t const* x, float const* w, conv_plan_bf16 const& plan, float const* bias,
                                  float* y) noexcept {
  constexpr int vectors = Blocks * vectors_per_block, ways = vectors <= 2 ? 4 : 2;
  f32v sum[ways][vectors];
#pragma GCC unroll 64
  for (int i = 0; i < ways; ++i)
#pragma GCC unroll 64
    for (int j = 0; j < vectors; ++j) sum[i][j] = i == 0 ? load(bias + j * f32_lanes) : f32v{};
  float const* last = w + plan.tail;
  index_t left = plan.left;
  auto const step = [&](int i, index_t k) __attribute__((always_inline)) {
    f32v const v = broadcast_pair(x + 2 * k);
#pragma GCC unroll 64
    for (int j = 0; j + vectors_per_block < vectors; ++j)
      dot(sum[i][j], v, load(w + j / vectors_per_block * plan.block + j % vectors_per_block * f32_lanes + 16 * k));
    f32v tail[vectors_per_block];
    load_weights(last + k * plan.last, plan.last, left - k * plan.last, tail);
#pragma GCC unroll 64
    for (int j = 0; j < vectors_per_block; ++j) dot(sum[i][vectors - vectors_per_block + j], v, tail[j]);
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
  f32v one[1][vectors];
#pragma GCC unroll 64
  for (int j = 0; j < vectors; ++j) one[0][j] = sum[0][j];
  store_tile<1, Blocks>(one, plan, y);
}

}  // namespace petra::rt
