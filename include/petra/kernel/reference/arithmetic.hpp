// Sums and products of arrays, element by element; the specification. The result may be one of the operands.
#pragma once
#include "petra/core/concepts.hpp"
#include "petra/core/extents.hpp"
#include "petra/kernel/tags.hpp"

namespace petra::inline PETRA_ABI::kernel {

// y = a + b
template <scalar T>
constexpr void add(scalar_tag, index_t n, T const* a, T const* b, T* y) {
  for (index_t i = 0; i < n; ++i) y[i] = a[i] + b[i];
}

// y += x
template <scalar T>
constexpr void add_to(scalar_tag, index_t n, T const* x, T* y) {
  for (index_t i = 0; i < n; ++i) y[i] += x[i];
}

// y = a * b
template <scalar T>
constexpr void multiply(scalar_tag, index_t n, T const* a, T const* b, T* y) {
  for (index_t i = 0; i < n; ++i) y[i] = a[i] * b[i];
}

// y += a * b
template <scalar T>
constexpr void multiply_add(scalar_tag, index_t n, T const* a, T const* b, T* y) {
  for (index_t i = 0; i < n; ++i) y[i] += a[i] * b[i];
}

}  // namespace petra::kernel
