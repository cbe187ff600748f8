// Register tile of the int8 matrix product with VPDPBUSD: Rows x Blocks accumulators of sixteen int32.
//
// A step takes four inputs of each row, broadcast and made unsigned by one exclusive or (free: it folds the load),
// against 64 bytes of weights per block. Tiles of few sums keep two, four or eight sets of them, for as many steps at a
// time: VPDPBUSD takes four cycles and there are two units.
// Large products reach 0.95 of the peak without blocking along K: 6 rows x 64 outputs take 21 bytes of weights a cycle,
// which L2 delivers. Rejected: 12 rows x 2 blocks, as fast from 512 on, slower below (128: 0.96); prefetching.
#pragma once
#include "petra/runtime/matmul_plan_s8.hpp"

#if defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__)
#include "petra/runtime/conv_tile_avx512.hpp"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push  // g++ 12 warns about the deliberately undefined operands inside its own intrinsics
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

namespace petra::inline PETRA_ABI::rt {

// Most blocks of a tile, and most rows it may then have: 32 registers hold its sums, the weights of a step, an input and a constant.
inline constexpr int max_matmul_blocks_s8 = 4;
constexpr int matmul_rows_s8(int blocks) noexcept { return blocks == 1 ? 16 : blocks == 2 ? 8 : 6; }

// Whether weights are read one block after the other, in the order of memory. A row alone reads all of them once: 64
// outputs at a time from L1, but as one stream when they come from farther away (512 x 512: 347 instead of 231 GOP/s).
constexpr bool reads_in_order(index_t rows, index_t weight_bytes) noexcept { return rows == 1 && weight_bytes > 49152; }

// The first n bytes, 1 to 3, of a group of four; the others are zero.
PETRA_INLINE std::uint32_t load_some(std::int8_t const* p, index_t n) noexcept {
  std::uint32_t v = static_cast<std::uint8_t>(p[0]);
  if (n > 1) v |= std::uint32_t{static_cast<std::uint8_t>(p[1])} << 8;
  if (n > 2) v |= std::uint32_t{static_cast<std::uint8_t>(p[2])} << 16;
  return v;
}

// Unroll: for literal extents.
template <int Rows, int Blocks, bool Unroll>
PETRA_INLINE void matmul_sums(std::int8_t const* x, std::int8_t const* w, matmul_plan_s8 plan,
                              std::int32_t const* offset, std::int32_t* y) noexcept {
  constexpr int sums = Rows * Blocks, ways = sums >= 8 ? 1 : sums >= 4 ? 2 : sums >= 2 ? 4 : 8;
  index_t const step = plan.step, step3 = 3 * step, step5 = 5 * step, step7 = 7 * step, block = plan.block;
  index_t const rows[8] = {0, step, 2 * step, step3, 4 * step, step5, 2 * step3, step7};
  __mmask16 const k = i32x16::first(plan.last);
  index_t const last_bytes = 4 * plan.last;
  std::int8_t const* last = w + plan.to_last;
  __m512i sum[ways][Rows][Blocks];
#pragma GCC unroll 64
  for (int b = 0; b < Blocks; ++b) {
    __m512i const v =
        b + 1 < Blocks ? _mm512_loadu_si512(offset + 16 * b) : _mm512_maskz_loadu_epi32(k, offset + 16 * b);
#pragma GCC unroll 64
    for (int i = 0; i < ways; ++i)
#pragma GCC unroll 64
      for (int p = 0; p < Rows; ++p) sum[i][p][b] = i == 0 ? v : _mm512_setzero_si512();
  }
  std::int8_t const *in = x, *below = x + 8 * step;
  // Four inputs, `at` groups from where the pointers stand, onto one set of sums.
  auto const quad = [&](int set, index_t at, auto input) __attribute__((always_inline)) {
    __m512i weight[Blocks];
#pragma GCC unroll 64
    for (int b = 0; b + 1 < Blocks; ++b) weight[b] = _mm512_loadu_si512(w + b * block + 64 * at);
    weight[Blocks - 1] = _mm512_maskz_loadu_epi32(k, last + last_bytes * at);
#pragma GCC unroll 64
    for (int p = 0; p < Rows; ++p) {
      __m512i const v = input((p < 8 ? in : below) + rows[p % 8] + 4 * at);
#pragma GCC unroll 64
      for (int b = 0; b < Blocks; ++b) dot(sum[set][p][b], v, weight[b]);
    }
  };
  auto const advance = [&](index_t quads) __attribute__((always_inline)) {
    w += 64 * quads;
    last += last_bytes * quads;
    in += 4 * quads;
    below += 4 * quads;
  };
  auto const four = [](std::int8_t const* p) __attribute__((always_inline)) { return broadcast_four(p); };
  index_t quads = plan.inputs / 4;
  // Not unrolled: g++ would take the number of the loops within it, 64, for its own.
  if constexpr (ways > 1)
#pragma GCC unroll 1
    for (; quads >= ways; quads -= ways) {
#pragma GCC unroll 64
      for (int i = 0; i < ways; ++i) quad(i, i, four);
      advance(ways);
    }
  std::int8_t const* const end = in + 4 * quads;
  auto const one = [&]() __attribute__((always_inline)) {
    quad(0, 0, four);
    advance(1);
  };
  if constexpr (Unroll) {
#pragma GCC unroll 8
    while (in != end) one();
  } else {
#pragma GCC unroll 1
    while (in != end) one();
  }
  if (index_t const some = plan.inputs % 4; some != 0)
    quad(
        0, 0, [&](std::int8_t const* p) __attribute__((always_inline)) {
          return _mm512_set1_epi32(static_cast<std::int32_t>(load_some(p, some) ^ 0x80808080u));
        });
#pragma GCC unroll 64
  for (int p = 0; p < Rows; ++p)
#pragma GCC unroll 64
    for (int b = 0; b < Blocks; ++b) {
#pragma GCC unroll 64
      for (int i = 1; i < ways; ++i) sum[0][p][b] = _mm512_add_epi32(sum[0][p][b], sum[i][p][b]);
      // Keeps the sums where they are until the loop is over; without it g++ 12 copies them every step.
      asm("" : "+v"(sum[0][p][b]));
    }
  index_t const out_step = plan.out_step;
  auto const store_rows = [&](auto store_last) __attribute__((always_inline)) {
#pragma GCC unroll 64
    for (int p = 0; p < Rows; ++p, y += out_step) {
#pragma GCC unroll 64
      for (int b = 0; b + 1 < Blocks; ++b) _mm512_storeu_si512(y + 16 * b, sum[0][p][b]);
      store_last(y + 16 * (Blocks - 1), sum[0][p][Blocks - 1]);
    }
  };
  // A load waits for a masked store to reach the cache; from a plain store it takes the data.
  if (plan.stored == 16)
    store_rows([](std::int32_t * to, __m512i v) __attribute__((always_inline)) { _mm512_storeu_si512(to, v); });
  else
    store_rows([&](std::int32_t * to, __m512i v)
                   __attribute__((always_inline)) { _mm512_mask_storeu_epi32(to, k, v); });
}

// The offsets of a panel, as its tiles take them: these take x + 128, for which offsets are made.
PETRA_INLINE std::int32_t const* tile_offset(std::int8_t const*, matmul_plan_s8 const&, std::int32_t const* offset,
                                             std::int32_t*) noexcept {
  return offset;
}

template <int Rows, int Blocks>
[[gnu::noinline]] void matmul_tile(std::int8_t const* x, std::int8_t const* w, matmul_plan_s8 const& plan,
                                   std::int32_t const* offset, std::int32_t* y) noexcept {
  matmul_sums<Rows, Blocks, false>(x, w, plan, offset, y);
}

}  // namespace petra::rt

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
#endif
