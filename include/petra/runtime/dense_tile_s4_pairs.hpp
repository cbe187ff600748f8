// Register tile of the int4 dense layer without AVX2: up to two rows x 16 outputs in registers of pair sums.
//
// Eight inputs of 16 outputs are unpacked to int8 once and serve all rows of the tile. Inputs stay signed: nothing is
// subtracted afterwards.
#pragma once
#include "petra/runtime/dense_plan_s4.hpp"
#include "petra/runtime/pair_sums.hpp"

#if !defined(__AVX2__)

namespace petra::inline PETRA_ABI::rt {

#if defined(__aarch64__)
inline constexpr int max_rows_s4 = 2;
#else
inline constexpr int max_rows_s4 = 1;
#endif
constexpr int max_blocks_s4(int) noexcept { return 1; }

PETRA_INLINE void sum_groups_s4(std::int8_t const*, dense_s4_shape const&, std::int32_t*) noexcept {}

// Four inputs in 16 bits, repeated.
#if defined(__SSE2__)
PETRA_INLINE __m128i signed_four(std::int8_t const* p) noexcept {
  __m128i const bytes = _mm_cvtsi32_si128(static_cast<std::int32_t>(load_four(p)));
  __m128i const words = _mm_srai_epi16(_mm_unpacklo_epi8(bytes, bytes), 8);
  return _mm_unpacklo_epi64(words, words);
}
#elif defined(__aarch64__) && defined(__ARM_NEON)
PETRA_INLINE int16x8_t signed_four(std::int8_t const* p) noexcept {
  return vmovl_s8(vreinterpret_s8_u32(vdup_n_u32(load_four(p))));
}
#else
PETRA_INLINE four_words signed_four(std::int8_t const* p) noexcept { return {{p[0], p[1], p[2], p[3]}}; }
#endif

template <int Rows, int Blocks>
[[gnu::noinline]] void dense_tile_s4(std::int8_t const* x, dense_inputs_s4<Rows> const& in, std::uint8_t const* w,
                                     std::int8_t const* scale, dense_plan_s4 const& plan, i32x16* sum) noexcept {
  static_assert(Blocks == 1);
  constexpr int parts = 16 / pair_outputs;
  index_t const c = plan.c, n = plan.last;
  for (int r = 0; r < Rows; ++r) sum[r] = i32x16::broadcast(0);
  for (index_t g = 0; g < plan.groups; ++g, scale += plan.panel) {
    pair_sums part[Rows][parts];
    for (int r = 0; r < Rows; ++r)
      for (int j = 0; j < parts; ++j) part[r][j] = no_pairs();
    auto const octet = [&](std::int8_t const* p, index_t row) __attribute__((always_inline)) {
      std::uint8_t v[64] = {};
      if (n == 16)
        __builtin_memcpy(v, w, 64);
      else
        __builtin_memcpy(v, w, static_cast<std::size_t>(4 * n));
      std::int8_t half[2][64];
      for (index_t i = 0; i < 64; ++i) half[0][i] = static_cast<std::int8_t>((v[i] & 0x0f) - 8);
      for (index_t i = 0; i < 64; ++i) half[1][i] = static_cast<std::int8_t>((v[i] >> 4) - 8);
      for (int h = 0; h < 2; ++h)
        for (int r = 0; r < Rows; ++r) {
          auto const four = signed_four(p + r * row + 4 * h);
#pragma GCC unroll 64
          for (int j = 0; j < parts; ++j)
            part[r][j] = add_pairs(part[r][j], four, load_pairs(&half[h][4 * pair_outputs * j], pair_outputs));
        }
      w += 4 * plan.panel;
    };
    bool const is_last = g + 1 == plan.groups;
    for (index_t q = is_last ? plan.whole : plan.group; q > 0; --q, x += 8) octet(x, c);
    if (is_last && plan.tail) octet(&in.tail[0][0], 8);
    i32x16 const factor = i32x16::load(scale, n);
    for (int r = 0; r < Rows; ++r) sum[r] = sum[r] + to_lanes(part[r]) * factor;
  }
}

}  // namespace petra::rt
#endif
