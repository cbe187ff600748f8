// Register tiles of the int8 2:4 dense layer, one per instruction set.
//
// With VPDPBUSD: eight inputs of a row, made unsigned and repeated, are permuted by the places of 16 outputs (VPSHUFB),
// so that one dot takes what two take with dense weights. Places cost a shift and a mask for every 16 outputs and are
// shared by the rows of a tile, the eight inputs by its outputs; the permutation by nobody: a row pays one for each dot.
// Rejected: an expansion to dense weights (VPEXPANDB), which saves nothing but bytes.
// With AVX2 likewise, but multiplied in pairs of 16 bits. Elsewhere the bytes are gathered (NEON permutes too) first.
#pragma once
#include "petra/runtime/conv_plan_s8.hpp"
#include "petra/runtime/dot_avx512.hpp"
#include "petra/runtime/pack_2_4.hpp"
#include "petra/runtime/pair_sums.hpp"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push  // g++ 12 warns about the deliberately undefined operands inside its own intrinsics
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

namespace petra::inline PETRA_ABI::rt {

struct dense_plan_2_4 {
  index_t c;      // input bytes from one row to the next
  index_t steps;  // of eight inputs
  index_t skip;   // steps of the first 32 inputs that are left out, 0 to 3
  index_t panel;  // outputs of the panel
  index_t last;   // outputs in the tile's last block, 1 to 16
};

#if defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__)

inline constexpr int max_rows_2_4 = 8;
constexpr int max_blocks_2_4(int rows) noexcept { return rows >= 4 ? 2 : 4; }

// sum[r * Blocks + b] += the sums of row r and block b. w: the places of the first 32 inputs.
template <int Rows, int Blocks>
[[gnu::noinline]] void dense_tile_2_4(std::int8_t const* x, std::int8_t const* w, dense_plan_2_4 const& plan,
                                      i32x16* sum) noexcept {
  __m512i const three = _mm512_set1_epi8(3), second = _mm512_set1_epi32(0x04040000);
  __m512i sign = _mm512_set1_epi8(-128);
  asm("" : "+v"(sign));  // no constant: clang 16 moves it ahead of the repetition, and finds no instruction for that
  __mmask16 const k = i32x16::first(plan.last);
  index_t const panel = 4 * plan.panel, row = plan.c, row3 = 3 * row;
  index_t const offset[4] = {0, row, 2 * row, row3};
  auto const load_block = [&](int b) __attribute__((always_inline)) {
    return b + 1 < Blocks ? _mm512_loadu_si512(w + 64 * b) : _mm512_maskz_loadu_epi32(k, w + 64 * b);
  };
  __m512i part[Rows][Blocks];
#pragma GCC unroll 64
  for (int i = 0; i < Rows * Blocks; ++i) part[i / Blocks][i % Blocks] = sum[i].v;
  index_t skip = plan.skip;
  for (index_t left = plan.steps; left > 0;) {
    __m512i places[Blocks];
#pragma GCC unroll 64
    for (int b = 0; b < Blocks; ++b)
      places[b] = _mm512_srl_epi16(load_block(b), _mm_cvtsi32_si128(static_cast<int>(2 * skip)));
    w += (1 + skip) * panel;
    index_t n = left < 4 - skip ? left : 4 - skip;
    left -= n;
    skip = 0;
    do {
      __m512i weight[Blocks], order[Blocks];
#pragma GCC unroll 64
      for (int b = 0; b < Blocks; ++b) {
        weight[b] = load_block(b);
        order[b] = _mm512_ternarylogic_epi32(places[b], three, second, 0xea);  // (places & three) | second
        places[b] = _mm512_srli_epi16(places[b], 2);
      }
      w += panel;
      std::int8_t const* const half[2] = {x, x + 4 * row};
#pragma GCC unroll 64
      for (int r = 0; r < Rows; ++r) {
        using unaligned [[gnu::may_alias, gnu::aligned(1)]] = std::int64_t;
        auto const eight = *reinterpret_cast<unaligned const*>(half[r / 4] + offset[r % 4]);
        __m512i const in = _mm512_xor_epi64(_mm512_set1_epi64(eight), sign);
#pragma GCC unroll 64
        for (int b = 0; b < Blocks; ++b) dot_u8_s8(part[r][b], _mm512_shuffle_epi8(in, order[b]), weight[b]);
      }
      x += 8;
    } while (--n != 0);
  }
#pragma GCC unroll 64
  for (int i = 0; i < Rows * Blocks; ++i) asm("" : "+v"(part[i / Blocks][i % Blocks]));
#pragma GCC unroll 64
  for (int i = 0; i < Rows * Blocks; ++i) sum[i].v = part[i / Blocks][i % Blocks];
}

#elif defined(__AVX2__)

inline constexpr int max_rows_2_4 = 2;
constexpr int max_blocks_2_4(int) noexcept { return 1; }

template <int Rows, int Blocks>
[[gnu::noinline]] void dense_tile_2_4(std::int8_t const* x, std::int8_t const* w, dense_plan_2_4 const& known,
                                      i32x16* sum) noexcept {
  static_assert(Blocks == 1);
  dense_plan_2_4 const plan = known;
  __m256i const three = _mm256_set1_epi8(3), second = _mm256_set1_epi32(0x04040000), sign = _mm256_set1_epi8(-128);
  __m256i const lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  index_t const n = plan.last, panel = 4 * plan.panel, row = plan.c;
  pair_sums part[Rows][4];
#pragma GCC unroll 64
  for (int i = 0; i < 4 * Rows; ++i) part[i / 4][i % 4] = no_pairs();
  index_t skip = plan.skip;
  for (index_t left = plan.steps; left > 0; skip = 0) {
    __m256i places[2];
#pragma GCC unroll 2
    for (int j = 0; j < 2; ++j) {
      __m256i const used = _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n) - 8 * j), lanes);
      places[j] = _mm256_srl_epi16(_mm256_maskload_epi32(reinterpret_cast<int const*>(w + 32 * j), used),
                                   _mm_cvtsi32_si128(static_cast<int>(2 * skip)));
    }
    w += (1 + skip) * panel;
    for (; skip < 4 && left > 0; ++skip, --left, x += 8, w += panel) {
      __m256i in[Rows];
#pragma GCC unroll 64
      for (int r = 0; r < Rows; ++r) {
        std::int64_t eight;
        __builtin_memcpy(&eight, x + r * row, 8);
        in[r] = _mm256_xor_si256(_mm256_set1_epi64x(eight), sign);
      }
#pragma GCC unroll 2
      for (int j = 0; j < 2; ++j) {
        __m256i const order = _mm256_or_si256(_mm256_and_si256(places[j], three), second);
        __m256i const lo = load_pairs(w + 32 * j, n - 8 * j), hi = load_pairs(w + 32 * j + 16, n - 8 * j - 4);
        places[j] = _mm256_srli_epi16(places[j], 2);
#pragma GCC unroll 64
        for (int r = 0; r < Rows; ++r) {
          __m256i const v = _mm256_shuffle_epi8(in[r], order);
          part[r][2 * j] = add_pairs(part[r][2 * j], _mm256_cvtepu8_epi16(_mm256_castsi256_si128(v)), lo);
          part[r][2 * j + 1] = add_pairs(part[r][2 * j + 1], _mm256_cvtepu8_epi16(_mm256_extracti128_si256(v, 1)), hi);
        }
      }
    }
  }
#pragma GCC unroll 64
  for (int r = 0; r < Rows; ++r) sum[r] = sum[r] + to_lanes(part[r]);
}

#else

inline constexpr int max_rows_2_4 = 1;
constexpr int max_blocks_2_4(int) noexcept { return 1; }

// out (64) = for each of 64 bytes, the input among eight, made unsigned, at its place.
PETRA_INLINE void gather_2_4(std::int8_t const* x, std::uint8_t const* order, std::uint8_t* out) noexcept {
#if defined(__aarch64__) && defined(__ARM_NEON)
  uint8x8_t const in = veor_u8(vreinterpret_u8_s8(vld1_s8(x)), vdup_n_u8(128));
  for (int i = 0; i < 64; i += 8) vst1_u8(out + i, vtbl1_u8(in, vld1_u8(order + i)));
#else
  std::uint8_t in[8];
  for (int i = 0; i < 8; ++i) in[i] = static_cast<std::uint8_t>(x[i] + 128);
  for (int i = 0; i < 64; ++i) out[i] = in[order[i]];
#endif
}

// Inputs of the next outputs, in 16 bits, as load_pairs yields their weights.
#if defined(__SSE2__)
PETRA_INLINE __m128i gathered_pairs(std::uint8_t const* p) noexcept {
  return _mm_unpacklo_epi8(_mm_loadl_epi64(reinterpret_cast<__m128i const*>(p)), _mm_setzero_si128());
}
#elif defined(__aarch64__) && defined(__ARM_NEON)
PETRA_INLINE int16x8_t gathered_pairs(std::uint8_t const* p) noexcept {
  return vreinterpretq_s16_u16(vmovl_u8(vld1_u8(p)));
}
#else
PETRA_INLINE four_words gathered_pairs(std::uint8_t const* p) noexcept { return {{p[0], p[1], p[2], p[3]}}; }
#endif

template <int Rows, int Blocks>
[[gnu::noinline]] void dense_tile_2_4(std::int8_t const* x, std::int8_t const* w, dense_plan_2_4 const& plan,
                                      i32x16* sum) noexcept {
  static_assert(Rows == 1 && Blocks == 1);
  constexpr int parts = 16 / pair_outputs;
  index_t const n = plan.last, panel = 4 * plan.panel;
  pair_sums part[parts];
  for (int j = 0; j < parts; ++j) part[j] = no_pairs();
  std::uint8_t places[64] = {};
  index_t skip = plan.skip;
  for (index_t left = plan.steps; left > 0; skip = 0) {
    __builtin_memcpy(places, w, static_cast<std::size_t>(4 * n));
    w += (1 + skip) * panel;
    for (; skip < 4 && left > 0; ++skip, --left, x += 8, w += panel) {
      std::uint8_t order[64], in[64];
      for (int i = 0; i < 64; ++i) order[i] = static_cast<std::uint8_t>(((places[i] >> (2 * skip)) & 3) + (i & 2) * 2);
      gather_2_4(x, order, in);
#pragma GCC unroll 64
      for (int j = 0; j < parts; ++j)
        part[j] = add_pairs(part[j], gathered_pairs(in + 4 * pair_outputs * j),
                            load_pairs(w + 4 * pair_outputs * j, n - pair_outputs * j));
    }
  }
  sum[0] = sum[0] + to_lanes(part);
}

#endif

}  // namespace petra::rt

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
