// A matrix of normally distributed numbers; the same extents give the same numbers.
#pragma once
#include "petra/core/random.hpp"
#include "petra/tensor/tensor.hpp"

namespace petra_test {

template <class T>
petra::tensor<T> noise(petra::index_t rows, petra::index_t cols) {
  petra::tensor<T> m({rows, cols});
  petra::random r(static_cast<std::uint64_t>(rows * 100 + cols));
  for (T& x : m) x = static_cast<T>(r.normal());
  return m;
}

}  // namespace petra_test
