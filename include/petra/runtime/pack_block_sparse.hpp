// Block-sparse weights: blocks of 16 outputs x 4 inputs, of which only those with a nonzero weight are kept. One block is
// what one vector instruction (int8) or four (float) multiply.
//
// Index, for each 16 outputs: how many blocks are kept, then which, ascending; block i holds inputs 4 i .. 4 i + 3.
// Weights, int8: the kept blocks in that order, each [n][4], n = 16 or the outputs that are left; inputs behind the last
//   are 0. Float: each [min(4, C - 4 i)][n], nothing is padded.
// Packed arrays are exact: no kernel reads behind them.
#pragma once
#include "petra/runtime/feature_map.hpp"

namespace petra::inline PETRA_ABI::rt {

inline constexpr index_t sparse_outputs = 16, sparse_inputs = 4;

// M rows of C inputs, O outputs; out_min = out_zero is a ReLU.
// Pre: C <= 65536 (32-bit sums, 16-bit index).
struct block_sparse_shape {
  index_t m = 1, c = 1, o = 1;
  std::int32_t out_zero = 0, out_min = -128, out_max = 127;
};

// float.
struct block_sparse_f32_shape {
  index_t m = 1, c = 1, o = 1;
  bool relu = false;
};

// Whether a block has a weight other than 0. w (O, C).
template <class Shape, class T>
constexpr bool is_kept(Shape const& s, T const* w, index_t first, index_t block) noexcept {
  for (index_t o = first; o < s.o && o < first + sparse_outputs; ++o)
    for (index_t i = 4 * block; i < s.c && i < 4 * block + 4; ++i)
      if (w[o * s.c + i] != T{}) return true;
  return false;
}

// Calls keep(first output, outputs, block) for each kept block.
template <class Shape, class T, class Start, class Keep>
constexpr void for_kept_blocks(Shape const& s, T const* w, Start start, Keep keep) noexcept {
  for (index_t first = 0; first < s.o; first += sparse_outputs) {
    start();
    for (index_t block = 0; 4 * block < s.c; ++block)
      if (is_kept(s, w, first, block)) keep(first, s.o - first < sparse_outputs ? s.o - first : sparse_outputs, block);
  }
}

struct block_sparse_size {
  index_t weights = 0, index = 0;  // elements
};

template <class Shape, class T>
constexpr block_sparse_size packed_size(Shape const& s, T const* w) noexcept {
  block_sparse_size size;
  for_kept_blocks(
      s, w, [&] { ++size.index; },
      [&](index_t, index_t n, index_t block) {
        ++size.index;
        size.weights += n * (sizeof(T) == 1 || s.c - 4 * block > 4 ? 4 : s.c - 4 * block);
      });
  return size;
}

// Weights (O, C) -> index and packed weights.
template <class Shape, class T>
constexpr void pack(Shape const& s, T const* w, T* packed, std::uint16_t* index) noexcept {
  std::uint16_t* count = nullptr;
  for_kept_blocks(
      s, w,
      [&] {
        count = index++;
        *count = 0;
      },
      [&](index_t first, index_t n, index_t block) {
        *count = static_cast<std::uint16_t>(*count + 1);
        *index++ = static_cast<std::uint16_t>(block);
        if constexpr (sizeof(T) == 1) {
          for (index_t o = first; o < first + n; ++o)
            for (index_t i = 4 * block; i < 4 * block + 4; ++i) *packed++ = i < s.c ? w[o * s.c + i] : T{};
        } else {
          for (index_t i = 4 * block; i < s.c && i < 4 * block + 4; ++i)
            for (index_t o = first; o < first + n; ++o) *packed++ = w[o * s.c + i];
        }
      });
}

// The bias that the int8 kernel takes, as for dense layers: folded[o] = bias[o] - (in_zero + 128) * sum_k w[o][k].
constexpr void fold_bias(block_sparse_shape const& s, std::int8_t const* w, std::int32_t const* bias,
                         std::int32_t in_zero, std::int32_t* folded) noexcept {
  for (index_t o = 0; o < s.o; ++o) {
    std::int32_t sum = 0;
    for (index_t k = 0; k < s.c; ++k) sum += w[o * s.c + k];
    folded[o] = bias[o] - (in_zero + 128) * sum;
  }
}

}  // namespace petra::rt
