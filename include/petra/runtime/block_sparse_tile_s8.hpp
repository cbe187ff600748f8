// Register tile of the int8 block-sparse layer: Rows x 16 outputs over the kept blocks of these outputs.
//
// A block is one VPDPBUSD per row (elsewhere one multiplication of pairs per register of pair sums); its inputs, made
// unsigned, lie where the index says. Few rows take several blocks at a time into sums of their own, to hide the latency
// of a multiplication. Tiles of one row are inlined: beside a dozen blocks a call and its plan cost as much again (512 x
// 512, 90 % zeros: 0.67 us with calls).
#pragma once
#include "petra/runtime/conv_plan_s8.hpp"
#include "petra/runtime/dot_avx512.hpp"
#include "petra/runtime/pair_sums.hpp"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push  // g++ 12 warns about the deliberately undefined operands inside its own intrinsics
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

namespace petra::inline PETRA_ABI::rt {

struct block_sparse_plan {
  index_t c;      // inputs of a row
  index_t whole;  // kept blocks that lie within a row
  bool tail;      // whether one that does not follows: its inputs are a copy, zeros behind them
  index_t n;      // outputs, 1 to 16
};

#if defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__)

inline constexpr int max_sparse_rows_s8 = 8;

template <int Rows>
PETRA_INLINE void accumulate_blocks(std::int8_t const* x, std::int8_t const (*tail)[4], std::int8_t const* w,
                                    std::uint16_t const* index, block_sparse_plan const& plan, i32x16* sum) noexcept {
  constexpr int ways = Rows == 8 ? 1 : Rows == 4 ? 2 : 4;
  __m512i const sign = _mm512_set1_epi8(-128);
  __mmask16 const k = i32x16::first(plan.n);
  index_t const c = plan.c, c3 = 3 * c, bytes = 4 * plan.n;
  index_t const offset[4] = {0, c, 2 * c, c3};
  __m512i part[ways][Rows];
#pragma GCC unroll 64
  for (int i = 0; i < ways * Rows; ++i) part[i / Rows][i % Rows] = i < Rows ? sum[i].v : _mm512_setzero_si512();
  auto const block = [&](int i, std::int8_t const* at) __attribute__((always_inline)) {
    __m512i const weight = _mm512_maskz_loadu_epi32(k, w);
    std::int8_t const* const half[2] = {at, at + 4 * c};
    w += bytes;
#pragma GCC unroll 64
    for (int r = 0; r < Rows; ++r)
      dot_u8_s8(part[i][r], _mm512_xor_si512(repeat_four(half[r / 4] + offset[r % 4]), sign), weight);
  };
  std::uint16_t const* const end = index + plan.whole;
  for (; end - index >= ways; index += ways)
#pragma GCC unroll 64
    for (int i = 0; i < ways; ++i) block(i, x + 4 * index_t{index[i]});
  if constexpr (ways > 1)
    for (; index != end; ++index) block(0, x + 4 * index_t{*index});
#pragma GCC unroll 64
  for (int i = 0; i < ways * Rows; ++i) asm("" : "+v"(part[i / Rows][i % Rows]));
#pragma GCC unroll 64
  for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 64
    for (int i = 1; i < ways; ++i) part[0][r] = _mm512_add_epi32(part[0][r], part[i][r]);
    if (plan.tail) dot_u8_s8(part[0][r], _mm512_xor_si512(repeat_four(tail[r]), sign), _mm512_maskz_loadu_epi32(k, w));
    sum[r].v = part[0][r];
  }
}

#else

#if defined(__AVX2__) || defined(__aarch64__)
inline constexpr int max_sparse_rows_s8 = 2;
#else
inline constexpr int max_sparse_rows_s8 = 1;
#endif

template <int Rows>
PETRA_INLINE void accumulate_blocks(std::int8_t const* x, std::int8_t const (*tail)[4], std::int8_t const* w,
                                    std::uint16_t const* index, block_sparse_plan const& plan, i32x16* sum) noexcept {
  constexpr int parts = 16 / pair_outputs;
  index_t const n = plan.n;
  pair_sums part[Rows][parts];
#pragma GCC unroll 64
  for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 64
    for (int j = 0; j < parts; ++j) part[r][j] = no_pairs();
  for (index_t q = 0; q < plan.whole + plan.tail; ++q, w += 4 * n) {
    bool const inside = q < plan.whole;
    std::int8_t const* const at = inside ? x + 4 * index[q] : tail[0];
    index_t const row = inside ? plan.c : 4;
    decltype(broadcast_four(at)) in[Rows];
#pragma GCC unroll 64
    for (int r = 0; r < Rows; ++r) in[r] = broadcast_four(at + r * row);
#pragma GCC unroll 64
    for (int j = 0; j < parts; ++j) {
      auto const v = load_pairs(w + 4 * pair_outputs * j, n - pair_outputs * j);
#pragma GCC unroll 64
      for (int r = 0; r < Rows; ++r) part[r][j] = add_pairs(part[r][j], in[r], v);
    }
  }
#pragma GCC unroll 64
  for (int r = 0; r < Rows; ++r) sum[r] = sum[r] + to_lanes(part[r]);
}

#endif

template <int Rows>
[[gnu::noinline]] void block_sparse_tile(std::int8_t const* x, std::int8_t const (*tail)[4], std::int8_t const* w,
                                         std::uint16_t const* index, block_sparse_plan const& plan,
                                         i32x16* sum) noexcept {
  accumulate_blocks<Rows>(x, tail, w, index, plan, sum);
}

}  // namespace petra::rt

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
