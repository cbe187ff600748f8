// Register tile of the int4 dense layer with VPDPBUSD: Rows x Blocks pairs of sixteen int32 sums.
//
// Eight inputs of 16 outputs are 64 bytes: two masks and, for each row, two dots whose inputs are broadcast by the
// memory operand: 5 instructions for two dots of one row. Weights are the unsigned factor, w + 8, which costs
// 8 * (sum of the inputs of the group): known before, it is where the sums of the low halves start. Those of the high
// halves are 16 times as large and shifted once per group.
// Rejected: signed weights and inputs made unsigned, as the int8 tiles do: a shift per 64 bytes and an exclusive or per
// quad more.
#pragma once
#include "petra/runtime/dense_plan_s4.hpp"

#if defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__)
#include <immintrin.h>

namespace petra::inline PETRA_ABI::rt {

inline constexpr int max_rows_s4 = 8;
constexpr int max_blocks_s4(int rows) noexcept { return rows >= 8 ? 1 : rows >= 4 ? 2 : 4; }

// sum += w . four inputs at x, repeated. Assembly because of its "+v" and its memory operand
// (runtime/conv_tile_avx512.hpp).
PETRA_INLINE void dot_four(__m512i& sum, __m512i w, std::int8_t const* x) noexcept {
  using four [[gnu::may_alias, gnu::aligned(1)]] = std::uint32_t;
  asm("{vpdpbusd %2%{1to16%}, %1, %0|vpdpbusd %0, %1, dword ptr %2%{1to16%}}"
      : "+v"(sum)
      : "v"(w), "m"(*reinterpret_cast<four const*>(x)));
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
    *sums++ = -_mm512_reduce_add_epi32(sum);
  }
}

// sum[r * Blocks + b] = the sums of row r and block b, without bias.
template <int Rows, int Blocks>
[[gnu::noinline]] void dense_tile_s4(std::int8_t const* x, dense_inputs_s4<Rows> const& in, std::uint8_t const* w,
                                     std::int8_t const* scale, dense_plan_s4 const& plan, i32x16* sum) noexcept {
  __m512i const low = _mm512_set1_epi8(0x0f), high = _mm512_set1_epi8(-16);
  __mmask16 const k = i32x16::first(plan.last);
  index_t const c = plan.c, step = 4 * plan.panel;
  __m512i total[Rows][Blocks];
#pragma GCC unroll 64
  for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 64
    for (int b = 0; b < Blocks; ++b) total[r][b] = _mm512_setzero_si512();
  for (index_t g = 0; g < plan.groups; ++g, scale += plan.panel) {
    __m512i lo[Rows][Blocks], hi[Rows][Blocks];
#pragma GCC unroll 64
    for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 64
      for (int b = 0; b < Blocks; ++b) {
        lo[r][b] = _mm512_set1_epi32(in.sums[r][g]);
        hi[r][b] = _mm512_setzero_si512();
      }
    auto const octet = [&](std::int8_t const* p, index_t row) __attribute__((always_inline)) {
#pragma GCC unroll 64
      for (int b = 0; b < Blocks; ++b) {
        __m512i const v = b + 1 < Blocks ? _mm512_loadu_si512(w + 64 * b) : _mm512_maskz_loadu_epi32(k, w + 64 * b);
        __m512i const v_lo = _mm512_and_si512(v, low), v_hi = _mm512_and_si512(v, high);
#pragma GCC unroll 64
        for (int r = 0; r < Rows; ++r) dot_four(lo[r][b], v_lo, p + r * row);
#pragma GCC unroll 64
        for (int r = 0; r < Rows; ++r) dot_four(hi[r][b], v_hi, p + r * row + 4);
      }
      w += step;
    };
    bool const is_last = g + 1 == plan.groups;
    for (index_t n = is_last ? plan.whole : plan.group; n > 0; --n, x += 8) octet(x, c);
    if (is_last && plan.tail) octet(&in.tail[0][0], 8);
#pragma GCC unroll 64
    for (int b = 0; b < Blocks; ++b) {
      __m512i const factor = i32x16::load(scale + 16 * b, b + 1 < Blocks ? 16 : plan.last).v;
#pragma GCC unroll 64
      for (int r = 0; r < Rows; ++r) {
        __m512i const both = _mm512_add_epi32(lo[r][b], _mm512_srai_epi32(hi[r][b], 4));
        total[r][b] = _mm512_add_epi32(total[r][b], _mm512_mullo_epi32(both, factor));
      }
    }
  }
#pragma GCC unroll 64
  for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 64
    for (int b = 0; b < Blocks; ++b) sum[r * Blocks + b].v = total[r][b];
}

}  // namespace petra::rt
#endif
