// Sum of the rows of a matrix, the specification of kernel::column_sum: the gradient of a bias.
#pragma once
#include "petra/core/concepts.hpp"
#include "petra/core/extents.hpp"
#include "petra/kernel/tags.hpp"

namespace petra::inline PETRA_ABI::kernel {

// sum (C) += sum over rows of x (R,C). Accumulates into sum.
template <scalar T>
constexpr void column_sum(scalar_tag, index_t rows, index_t cols, T const* x, T* sum) {
  for (index_t j = 0; j < cols; ++j) {
    T column{};
    for (index_t i = 0; i < rows; ++i) column += x[i * cols + j];
    sum[j] += column;
  }
}

}  // namespace petra::kernel
