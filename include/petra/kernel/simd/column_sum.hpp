// Sum of the rows of a matrix in float: the gradient of a bias.
#pragma once
#include "petra/kernel/reference/column_sum.hpp"
#include "petra/kernel/simd/each_vector.hpp"

namespace petra::inline PETRA_ABI::kernel {

// sum (C) += sum over rows of x (R,C). Accumulates into sum.
inline void column_sum(simd_tag, index_t rows, index_t cols, float const* x, float* sum) {
  using namespace simd;
  each_stripe(rows, cols, sum_block, [=](auto lane, index_t j, index_t begin, index_t end) {
    lane.store(sum + j,
               lane.load(sum + j) + sum_rows(begin, end, [&](index_t i) { return lane.load(x + i * cols + j); }));
  });
}

}  // namespace petra::kernel
