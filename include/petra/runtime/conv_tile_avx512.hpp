// Register tile of the int8 convolution with VPDPBUSD: Pixels x Blocks accumulators of sixteen int32.
//
// A step takes four inputs of each pixel, broadcast and made unsigned by one exclusive or (free: it folds the load),
// against 64 bytes of weights per block. With Columns = 3 (3-wide kernels, stride 1, C a multiple of 4) an input quad
// serves the three pixels whose windows hold it: 18 loads for 48 products instead of 51, which lifts one-block tiles
// from 680 to 780 GOP/s; two and four blocks gain nothing and always have Columns = 1.
// Rejected: weights made unsigned instead, inputs as the memory operand: as many loads, and a sum of inputs per window.
#pragma once
#include "petra/runtime/conv_plan_s8.hpp"

#if defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__)
#include <immintrin.h>

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push  // g++ 12 warns about the deliberately undefined operands inside its own intrinsics
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

namespace petra::inline PETRA_ABI::rt {

// Most blocks a tile may hold, and most pixels it may then have: 32 registers, and enough independent sums for two
// 4-cycle units. Four blocks need 4 weights, 24 sums, an input and a constant.
inline constexpr int max_blocks_s8 = 4;
inline constexpr bool shares_columns_s8 = true;
constexpr int max_pixels_s8(int blocks) noexcept { return blocks == 1 ? 16 : blocks == 2 ? 8 : 6; }

// sum += x . w. Assembly because of its "+v": with the intrinsic g++ 12 copies every accumulator twice a step (64 -> 64
// outputs, 8 x 8: 9.4 us instead of 5.2).
PETRA_INLINE void dot(__m512i& sum, __m512i x, __m512i w) noexcept {
  asm("{vpdpbusd %2, %1, %0|vpdpbusd %0, %1, %2}" : "+v"(sum) : "v"(x), "v"(w));
}

PETRA_INLINE __m512i broadcast_four(std::int8_t const* p) noexcept {
  return _mm512_xor_si512(_mm512_set1_epi32(static_cast<std::int32_t>(load_four(p))), _mm512_set1_epi8(-128));
}

// Where nine neighbors' inputs lie. In assembly because g++ 12 gives every multiple of the step a register of its own,
// and then keeps the others in vector registers: 50 moves a tile of 16 x 16 outputs, 1 % of ResNet-20.
struct pixel_steps {
  index_t one, three, five, seven;

  PETRA_INLINE static pixel_steps of(index_t step) noexcept { return {step, 3 * step, 5 * step, 7 * step}; }
  // Four inputs of pixel i, 0 to 8, made unsigned.
  [[nodiscard]] PETRA_INLINE __m512i operator()(std::int8_t const* p, int i, __m512i flip) const noexcept {
    index_t const index = i == 3 || i == 6 ? three : i == 5 ? five : i == 7 ? seven : one;
    auto const& all = *reinterpret_cast<std::int8_t const(*)[1 << 24]>(p);  // more than it reads, for the compiler
    __m512i v;
    switch (i) {
      case 0:
        asm("{vpxord (%1)%{1to16%}, %2, %0|vpxord %0, %2, dword ptr [%1]%{1to16%}}"
            : "=v"(v)
            : "r"(p), "v"(flip), "m"(all));
        break;
      case 2:
      case 6:
        asm("{vpxord (%1,%2,2)%{1to16%}, %3, %0|vpxord %0, %3, dword ptr [%1+%2*2]%{1to16%}}"
            : "=v"(v)
            : "r"(p), "r"(index), "v"(flip), "m"(all));
        break;
      case 4:
        asm("{vpxord (%1,%2,4)%{1to16%}, %3, %0|vpxord %0, %3, dword ptr [%1+%2*4]%{1to16%}}"
            : "=v"(v)
            : "r"(p), "r"(index), "v"(flip), "m"(all));
        break;
      case 8:
        asm("{vpxord (%1,%2,8)%{1to16%}, %3, %0|vpxord %0, %3, dword ptr [%1+%2*8]%{1to16%}}"
            : "=v"(v)
            : "r"(p), "r"(index), "v"(flip), "m"(all));
        break;
      default:
        asm("{vpxord (%1,%2)%{1to16%}, %3, %0|vpxord %0, %3, dword ptr [%1+%2]%{1to16%}}"
            : "=v"(v)
            : "r"(p), "r"(index), "v"(flip), "m"(all));
    }
    return v;
  }
};

// y (pixels, 16 (blocks - 1) + last) = onto_grid(requantize(sum)), whatever the factors: sums through memory, one
// function for all tiles.
template <class Rounding>
[[gnu::noinline]] void store_sums(std::int32_t const* sum, index_t pixels, index_t blocks, conv_plan_s8 const& plan,
                                  conv_factors_s8<Rounding> const* factors, std::int8_t* y) noexcept {
  for (index_t p = 0; p < pixels; ++p, y += plan.out_step)
    for (index_t b = 0; b < blocks; ++b, sum += 16)
      store(y + 16 * b, factors[b].scale(i32x16::load(sum, 16)), plan.grid, b + 1 < blocks ? 16 : plan.last);
}

// The same where every factor is `high` (runtime/high_scale.hpp): scaled in place, block by block, so that its factors
// are read once, then packed and held four vectors at a time. What a tile costs beside its products falls from 26 to
// 14 ns (6 pixels of 4 blocks).
template <int Pixels, int Blocks, class Rounding>
PETRA_INLINE void store_high(__m512i (&sum)[Pixels][Blocks], conv_plan_s8 const& plan,
                             conv_factors_s8<Rounding> const* factors, std::int8_t* y) noexcept {
  constexpr int count = Pixels * Blocks, pixels_per_store = 4 / Blocks;
#pragma GCC unroll 64
  for (int b = 0; b < Blocks; ++b) {
    high_scale const scale = factors[b].high;
#pragma GCC unroll 64
    for (int p = 0; p < Pixels; ++p) sum[p][b] = scale(sum[p][b]);
  }
  __m512i const lo = _mm512_set1_epi8(static_cast<std::int8_t>(plan.grid.min)),
                hi = _mm512_set1_epi8(static_cast<std::int8_t>(plan.grid.max)),
                order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  std::uint64_t const mask = mask_of<Blocks>(plan.last);
  // Pixels without a gap between them are stored four vectors at a time, 2 % of a layer of 16 outputs, 5 % of the first.
  bool const joined = plan.last == 16 && plan.out_step == 16 * Blocks;
#pragma GCC unroll 64
  for (int i = 0; i < count; i += 4) {
    auto const at = [&](int j) __attribute__((always_inline)) {
      int const k = i + j < count ? i + j : i;
      return sum[k / Blocks][k % Blocks];
    };
    __m512i const words = _mm512_packs_epi16(_mm512_packs_epi32(at(0), at(1)), _mm512_packs_epi32(at(2), at(3)));
    __m512i const r = _mm512_permutexvar_epi32(order, _mm512_min_epi8(_mm512_max_epi8(words, lo), hi));
    std::int8_t* const at_y = y + i / 4 * pixels_per_store * plan.out_step;
    if (joined) {
      if (count - i >= 4)
        _mm512_storeu_si512(at_y, r);
      else
        _mm512_mask_storeu_epi8(at_y, ~std::uint64_t{0} >> (16 * (4 - (count - i) % 4)), r);
    } else {
      put_rows<Blocks>(at_y, plan.out_step, r, mask, (count - i) / Blocks);
    }
  }
}

template <int Pixels, int Blocks, int Columns, class Rounding>
[[gnu::noinline]] void conv_tile(std::int8_t const* x, std::int8_t const* w, conv_plan_s8 const& plan,
                                 conv_factors_s8<Rounding> const* factors, std::int8_t* y) noexcept {
  static_assert(Blocks == 1 || Columns == 1);
  constexpr int inputs = Pixels + Columns - 1;
  __m512i sum[Pixels][Blocks];
#pragma GCC unroll 64
  for (int p = 0; p < Pixels; ++p)
#pragma GCC unroll 64
    for (int b = 0; b < Blocks; ++b) sum[p][b] = factors[b].bias.v;

  pixel_steps const inputs_of = pixel_steps::of(plan.step);
  index_t const step9 = 9 * plan.step, block = plan.block;
  __m512i const flip = _mm512_set1_epi8(-128);
  __mmask16 const k = i32x16::first(plan.last);
  index_t const last_bytes = 4 * plan.last, column = plan.column, run_bytes = 4 * plan.run, row = plan.row;
  std::int8_t const* last = w + (Blocks - 1) * block;
  index_t kh = plan.kernel_h;
  do {
    std::int8_t const *in = x, *ninth = x + step9, *const end = x + run_bytes;
    do {
      __m512i weight[Blocks * Columns];
#pragma GCC unroll 64
      for (int b = 0; b + 1 < Blocks; ++b) weight[b] = _mm512_loadu_si512(w + b * block);
#pragma GCC unroll 64
      for (int t = 0; t < Columns; ++t) weight[Blocks - 1 + t] = _mm512_maskz_loadu_epi32(k, last + t * column);
#pragma GCC unroll 64
      for (int i = 0; i < inputs; ++i) {
        __m512i const v = inputs_of(i < 9 ? in : ninth, i % 9, flip);
#pragma GCC unroll 64
        for (int t = 0; t < Columns; ++t) {
          if (i - t < 0 || i - t >= Pixels) continue;
#pragma GCC unroll 64
          for (int b = 0; b < Blocks; ++b) dot(sum[i - t][b], v, weight[b + t]);
        }
      }
      w += 64;
      last += last_bytes;
      in += 4, ninth += 4;
    } while (in != end);
    x += row;
    last += (Columns - 1) * column;
  } while (--kh != 0);
  // Keeps the sums where they are until the loop is over; without it g++ 12 copies those of one-block tiles every step.
#pragma GCC unroll 64
  for (int p = 0; p < Pixels; ++p)
#pragma GCC unroll 64
    for (int b = 0; b < Blocks; ++b) asm("" : "+v"(sum[p][b]));
  if constexpr (requires { Rounding::once; })
    if (plan.high) return store_high<Pixels, Blocks>(sum, plan, factors, y);
  alignas(64) std::int32_t sums[16 * Pixels * Blocks];
#pragma GCC unroll 64
  for (int p = 0; p < Pixels; ++p)
#pragma GCC unroll 64
    for (int b = 0; b < Blocks; ++b) _mm512_store_si512(sums + 16 * (p * Blocks + b), sum[p][b]);
  store_sums(sums, Pixels, Blocks, plan, factors, y);
}

}  // namespace petra::rt

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
#endif
