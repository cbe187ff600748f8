// Register tile of the int4 dense layer with VPDPBUSD: Rows x Blocks accumulators of sixteen int32.
//
// Eight inputs of 16 outputs are 64 bytes: two masks (and a shift, where there are rows to share it) make them eight
// unsigned weights, w + 8, which meet inputs that are broadcast as they are. The 8 costs 8 * (sum of the inputs of the
// group): known before, it is where sums start. A single row has too few sums to hide their latency: it keeps those of
// the low and the high halves apart, the latter unshifted, 16 times as large, until the group is over.
// Rejected: signed weights and inputs made unsigned, as the int8 tiles do: a shift per 64 bytes and an exclusive or per
// quad more. Inputs as memory operands of every dot: g++ 12 then loads weights twice as well, and loads decide.
#pragma once
#include "petra/runtime/dense_plan_s4.hpp"
#include "petra/runtime/dot_avx512.hpp"

#if defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__)
#include <immintrin.h>

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push  // g++ 12 warns about the deliberately undefined operands inside its own intrinsics
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

namespace petra::inline PETRA_ABI::rt {

inline constexpr int max_rows_s4 = 8;
constexpr int max_blocks_s4(int rows) noexcept { return rows >= 8 ? 2 : 4; }

// The sum of sixteen. Not _mm512_reduce_add_epi32: g++ 12 warns about the undefined operands inside it, also in programs
// that only include an emitted model.
PETRA_INLINE std::int32_t sum_of_lanes(__m512i v) noexcept {
  __m256i const half = _mm256_add_epi32(_mm512_castsi512_si256(v), _mm512_maskz_extracti64x4_epi64(0xff, v, 1));
  __m128i const quarter = _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
  __m128i const two = _mm_add_epi32(quarter, _mm_shuffle_epi32(quarter, 0x4e));
  return _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, 0xb1)));
}

// -8 times the sum of each group of one row.
PETRA_INLINE void sum_groups_s4(std::int8_t const* x, dense_s4_shape const& s, std::int32_t* sums) noexcept {
  __m512i const weight = _mm512_set1_epi8(8);
  for (index_t first = 0; first < s.c; first += s.group) {
    index_t const end = s.c - first < s.group ? s.c : first + s.group;
    __m512i sum = _mm512_setzero_si512();
    for (index_t i = first; i < end; i += 64) {
      __mmask64 const k = end - i < 64 ? ~(~std::uint64_t{0} << (end - i)) : ~std::uint64_t{0};
      sum = _mm512_dpbusd_epi32(sum, weight, _mm512_maskz_loadu_epi8(k, x + i));
    }
    *sums++ = -sum_of_lanes(sum);
  }
}

// sum[r * Blocks + b] = the sums of row r and block b, without bias.
template <int Rows, int Blocks>
[[gnu::noinline]] void dense_tile_s4(std::int8_t const* x, dense_inputs_s4<Rows> const& in, std::uint8_t const* w,
                                     std::int8_t const* scale, dense_plan_s4 const& known, i32x16* sum) noexcept {
  dense_plan_s4 const plan = known;
  constexpr bool apart = Rows == 1;
  constexpr int ways = apart ? 2 : 1;
  __m512i const low = _mm512_set1_epi8(0x0f), high = _mm512_set1_epi8(-16);
  __mmask16 const k = i32x16::first(plan.last);
  index_t const c = plan.c, step = 4 * plan.panel, last = plan.last;
  __m512i total[Rows * Blocks];
#pragma GCC unroll 64
  for (int i = 0; i < Rows * Blocks; ++i) total[i] = _mm512_setzero_si512();
  for (index_t g = 0; g < plan.groups; ++g, scale += plan.panel) {
    __m512i part[ways][Rows][Blocks];
#pragma GCC unroll 64
    for (int i = 0; i < ways * Rows * Blocks; ++i)
      part[i / Blocks / Rows][i / Blocks % Rows][i % Blocks] =
          i < Rows * Blocks ? _mm512_set1_epi32(in.sums[i / Blocks][g]) : _mm512_setzero_si512();
    bool const is_last = g + 1 == plan.groups;
    bool tail = is_last && plan.tail;
    std::int8_t const* p = x;
    index_t row = c;
    index_t n = is_last ? plan.whole : plan.group;
    x += 8 * n;
    while (n > 0 || tail) {  // twice at most: one copy of the inner loop, or g++ 12 copies sums in it
      if (n == 0) {
        p = &in.tail[0][0];
        row = 8;
        n = 1;
        tail = false;
      }
      index_t const row3 = 3 * row;
      index_t const offset[4] = {0, row, 2 * row, row3};
      do {
        __m512i weight[2][Blocks];
#pragma GCC unroll 64
        for (int b = 0; b < Blocks; ++b) {
          __m512i v = b + 1 < Blocks ? _mm512_loadu_si512(w + 64 * b) : _mm512_maskz_loadu_epi32(k, w + 64 * b);
          asm("" : "+v"(v));  // one load, not one per mask
          weight[0][b] = _mm512_and_si512(v, low);
          weight[1][b] = apart ? _mm512_and_si512(v, high) : _mm512_and_si512(_mm512_srli_epi16(v, 4), low);
        }
        w += step;
#pragma GCC unroll 64
        for (int h = 0; h < 2; ++h, p += 4) {
          std::int8_t const* const at[2] = {p, p + 4 * row};
#pragma GCC unroll 64
          for (int r = 0; r < Rows; ++r) {
            __m512i const v = repeat_four(at[r / 4] + offset[r % 4]);
#pragma GCC unroll 64
            for (int b = 0; b < Blocks; ++b) dot_u8_s8(part[h % ways][r][b], weight[h][b], v);
          }
        }
      } while (--n != 0);
    }
    // Keeps the sums where they are until the loop is over.
#pragma GCC unroll 64
    for (int i = 0; i < ways * Rows * Blocks; ++i)
      asm("" : "+v"(part[i / Blocks / Rows][i / Blocks % Rows][i % Blocks]));
#pragma GCC unroll 64
    for (int b = 0; b < Blocks; ++b) {
      __m512i const factor = i32x16::load(scale + 16 * b, b + 1 < Blocks ? 16 : last).v;
#pragma GCC unroll 64
      for (int r = 0; r < Rows; ++r) {
        __m512i v = part[0][r][b];
        if constexpr (apart) v = _mm512_add_epi32(v, _mm512_srai_epi32(part[1][r][b], 4));
        __m512i& t = total[r * Blocks + b];
        t = _mm512_add_epi32(t, _mm512_mullo_epi32(v, factor));
      }
    }
  }
#pragma GCC unroll 64
  for (int i = 0; i < Rows * Blocks; ++i) sum[i].v = total[i];
}

}  // namespace petra::rt

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
#endif
