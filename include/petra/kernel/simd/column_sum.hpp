// Sum of the rows of a matrix in float: the gradient of a bias.
#pragma once
#include "petra/kernel/reference/column_sum.hpp"
#include "petra/kernel/simd/each_vector.hpp"

namespace petra::inline PETRA_ABI::kernel {

// sum (C) += sum over rows of x (R,C). Accumulates into sum.
// Four vectors of columns side by side go along whole lines of memory (4096 x 64: 10.5 us; one after the other 16.6).
template <class = void>
inline void column_sum(simd_tag, index_t rows, index_t cols, float const* x, float* sum) {
  using namespace simd;
  index_t const wide = cols - cols % (4 * lanes);
  for (index_t j = 0; j < wide; j += 4 * lanes)
    for (index_t r = 0; r < rows; r += sum_block) {
      vector v[4] = {zero(), zero(), zero(), zero()};
      for (index_t i = r; i < std::min(rows, r + sum_block); ++i) {
#pragma GCC unroll 4
        for (index_t k = 0; k < 4; ++k) v[k] += load(x + i * cols + j + k * lanes);
      }
#pragma GCC unroll 4
      for (index_t k = 0; k < 4; ++k) store(sum + j + k * lanes, load(sum + j + k * lanes) + v[k]);
    }
  auto const rest = [=](auto lane, index_t j, index_t begin, index_t end) {
    lane.store(sum + j,
               lane.load(sum + j) + sum_rows(begin, end, [&](index_t i) { return lane.load(x + i * cols + j); }));
  };
  each_stripe(rows, wide, cols, sum_block, rest);
}

}  // namespace petra::kernel
