// Register tile of the int4 dense layer with AVX2: up to four rows x 16 outputs.
//
// VPMADDUBSW cannot saturate here: weights are the unsigned factor, w + 8 <= 15, and two products need 13 bits. So those
// of an octet's two quads, and of four octets, are summed in 16 bits (4 * 4 * 15 * 128 = 30720) before they are widened:
// int4 weights are faster than int8 ones, which need 16-bit multiplications. The 8 costs 8 * (sum of the inputs of the
// group), as in the AVX-512 tile.
#pragma once
#include "petra/runtime/dense_plan_s4.hpp"

#if defined(__AVX2__) && !(defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__))
#include <immintrin.h>

namespace petra::inline PETRA_ABI::rt {

inline constexpr int max_rows_s4 = 4;
constexpr int max_blocks_s4(int) noexcept { return 1; }

// -8 times the sum of each group of one row.
inline void sum_groups_s4(std::int8_t const* x, dense_s4_shape const& s, std::int32_t* sums) noexcept {
  for (index_t first = 0; first < s.c; first += s.group) {
    index_t const end = s.c - first < s.group ? s.c : first + s.group;
    std::int32_t sum = 0;
    for (index_t i = first; i < end; ++i) sum += x[i];
    *sums++ = -8 * sum;
  }
}

// sum[r] = the sums of row r, without bias.
template <int Rows, int Blocks>
[[gnu::noinline]] void dense_tile_s4(std::int8_t const* x, dense_inputs_s4<Rows> const& in, std::uint8_t const* w,
                                     std::int8_t const* scale, dense_plan_s4 const& known, i32x16* sum) noexcept {
  static_assert(Blocks == 1);
  dense_plan_s4 const plan = known;
  __m256i const low = _mm256_set1_epi8(0x0f), ones = _mm256_set1_epi16(1);
  __m256i const lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  auto const used = [&](index_t n) { return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n)), lanes); };
  __m256i const mask[2] = {used(plan.last), used(plan.last - 8)};
  bool const full = plan.last == 16;
  index_t const step = 4 * plan.panel;
  for (int r = 0; r < Rows; ++r) sum[r] = i32x16::broadcast(0);
  for (index_t g = 0; g < plan.groups; ++g, scale += plan.panel) {
    __m256i wide[Rows][2];
#pragma GCC unroll 64
    for (int i = 0; i < 2 * Rows; ++i) wide[i / 2][i % 2] = _mm256_set1_epi32(in.sums[i / 2][g]);
    bool const is_last = g + 1 == plan.groups;
    bool tail = is_last && plan.tail;
    std::int8_t const* p = x;
    index_t row = plan.c, n = is_last ? plan.whole : plan.group;
    x += 8 * n;
    while (n > 0 || tail) {
      if (n == 0) {
        p = &in.tail[0][0];
        row = 8;
        n = 1;
        tail = false;
      }
      index_t some = n < 4 ? n : 4;
      n -= some;
      __m256i words[Rows][2];
#pragma GCC unroll 64
      for (int i = 0; i < 2 * Rows; ++i) words[i / 2][i % 2] = _mm256_setzero_si256();
      do {
        __m256i weight[2][2];
#pragma GCC unroll 2
        for (int j = 0; j < 2; ++j) {
          __m256i const v = full ? _mm256_loadu_si256(reinterpret_cast<__m256i const*>(w + 32 * j))
                                 : _mm256_maskload_epi32(reinterpret_cast<int const*>(w + 32 * j), mask[j]);
          weight[0][j] = _mm256_and_si256(v, low);
          weight[1][j] = _mm256_and_si256(_mm256_srli_epi16(v, 4), low);
        }
        w += step;
#pragma GCC unroll 2
        for (int h = 0; h < 2; ++h, p += 4)
#pragma GCC unroll 64
          for (int r = 0; r < Rows; ++r) {
            __m256i const four = _mm256_set1_epi32(static_cast<std::int32_t>(load_four(p + r * row)));
#pragma GCC unroll 2
            for (int j = 0; j < 2; ++j)
              words[r][j] = _mm256_add_epi16(words[r][j], _mm256_maddubs_epi16(weight[h][j], four));
          }
      } while (--some != 0);
#pragma GCC unroll 64
      for (int i = 0; i < 2 * Rows; ++i)
        wide[i / 2][i % 2] = _mm256_add_epi32(wide[i / 2][i % 2], _mm256_madd_epi16(words[i / 2][i % 2], ones));
    }
    i32x16 const factor = i32x16::load(scale, plan.last);
#pragma GCC unroll 64
    for (int r = 0; r < Rows; ++r) sum[r] = sum[r] + i32x16{wide[r][0], wide[r][1]} * factor;
  }
}

}  // namespace petra::rt
#endif
