// Extents of the float matrix product, and the two layouts of weights that are packed before.
//
// y (M,N) = f(x (M,K) . w (K,N) + bias (N))
//
// Unpacked w is row-major: weights, or another activation. Packed, by `pack`:
//   several rows: blocks of 16 outputs, inside a block [K][16]; the last block padded with zeros.
//   one row (M = 1): blocks of 8 outputs, the last of 4 where that is enough; inside a block
//   [ceil(K/4)][outputs / 4][4 inputs][4 outputs]. A vector of 16 weights then meets four inputs, each four times over,
//   and one such vector of inputs serves all outputs: 16 x 16 takes 17 loads where one broadcast per input takes 32,
//   and loads are what limits a product of one row. Of 16 inputs the first four are 0, 4, 8, 12, the next 1, 5, 9, 13
//   and so on: to repeat these in a vector is the cheapest permutation there is. What is left of K after sixteens comes
//   four by four in its order.
// Packed arrays are exact: no kernel reads behind them.
#pragma once
#include "petra/runtime/feature_map.hpp"

namespace petra::inline PETRA_ABI::rt {

struct matmul_shape {
  enum class activation : unsigned char { none, relu, relu6 };

  index_t m = 1, n = 1, k = 1;
  index_t x_row = 0, w_row = 0, y_row = 0;  // distance of rows; 0: the rows are dense. w_row: unpacked only
  bool packed = false;
  activation f = activation::none;

  [[nodiscard]] constexpr index_t x_step() const noexcept { return x_row == 0 ? k : x_row; }
  [[nodiscard]] constexpr index_t w_step() const noexcept { return w_row == 0 ? n : w_row; }
  [[nodiscard]] constexpr index_t y_step() const noexcept { return y_row == 0 ? n : y_row; }
  friend constexpr bool operator==(matmul_shape const&, matmul_shape const&) = default;
};

// Outputs of the block that begins at output j of a packed row product.
constexpr index_t row_block_outputs(index_t n, index_t j) noexcept { return n - j > 4 ? 8 : 4; }
// Input i of the four that begin at k, a multiple of 4, in a packed row product.
constexpr index_t row_input(index_t inputs, index_t k, index_t i) noexcept {
  return k / 16 * 16 + 16 <= inputs ? k / 16 * 16 + k % 16 / 4 + 4 * i : k + i;
}

constexpr index_t packed_size(matmul_shape const& s) noexcept {
  if (s.m == 1) return (s.k + 3) / 4 * 4 * ((s.n + 3) / 4 * 4);
  return s.k * ((s.n + 15) / 16 * 16);
}

// w (K,N), rows w_step() apart -> packed.
constexpr void pack(matmul_shape const& s, float const* w, float* packed) noexcept {
  auto const at = [&](index_t k, index_t j) { return k < s.k && j < s.n ? w[k * s.w_step() + j] : 0.f; };
  if (s.m != 1) {
    for (index_t j = 0; j < s.n; j += 16)
      for (index_t k = 0; k < s.k; ++k)
        for (index_t o = 0; o < 16; ++o) *packed++ = at(k, j + o);
    return;
  }
  for (index_t j = 0; j < s.n; j += row_block_outputs(s.n, j))
    for (index_t k = 0; k < s.k; k += 4)
      for (index_t o = 0; o < row_block_outputs(s.n, j); o += 4)
        for (index_t i = 0; i < 16; ++i) *packed++ = at(row_input(s.k, k, i / 4), j + o + i % 4);
}

}  // namespace petra::rt
