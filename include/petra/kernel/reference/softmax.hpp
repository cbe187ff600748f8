// Softmax over the rows of a matrix, the specification.
//
// y (R,C) = exp(x - max) / sum exp(x - max). Assigns y, which may be x.
#pragma once
#include <cmath>

#include "petra/core/concepts.hpp"
#include "petra/core/extents.hpp"
#include "petra/kernel/tags.hpp"

namespace petra::inline PETRA_ABI::kernel {

template <scalar T>
void softmax(scalar_tag, index_t rows, index_t cols, T const* x, T* y) {
  for (index_t r = 0; r < rows; ++r, x += cols, y += cols) {
    T top = x[0], sum = 0;
    for (index_t i = 1; i < cols; ++i) top = x[i] > top ? x[i] : top;
    for (index_t i = 0; i < cols; ++i) sum += y[i] = std::exp(x[i] - top);
    for (index_t i = 0; i < cols; ++i) y[i] /= sum;
  }
}

}  // namespace petra::kernel
