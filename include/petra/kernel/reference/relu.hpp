// Rectified linear unit, the specification of kernel::relu.
#pragma once
#include "petra/core/concepts.hpp"
#include "petra/core/extents.hpp"
#include "petra/kernel/tags.hpp"

namespace petra::inline PETRA_ABI::kernel {

// y = max(x, 0); NaN stays NaN, so that a diverged training is seen. Assigns y, which may be x.
template <scalar T>
constexpr void relu(scalar_tag, index_t n, T const* x, T* y) {
  for (index_t i = 0; i < n; ++i) y[i] = x[i] < T(0) ? T(0) : x[i];
}

// dx += dy where y > 0 (y: the result of relu). Accumulates into dx.
template <scalar T>
constexpr void relu_backward(scalar_tag, index_t n, T const* y, T const* dy, T* dx) {
  for (index_t i = 0; i < n; ++i) dx[i] += y[i] > T(0) ? dy[i] : T(0);
}

// dx = dy where y > 0, else 0. Assigns dx, which may be dy.
template <scalar T>
constexpr void relu_mask(scalar_tag, index_t n, T const* y, T const* dy, T* dx) {
  for (index_t i = 0; i < n; ++i) dx[i] = y[i] > T(0) ? dy[i] : T(0);
}

}  // namespace petra::kernel
