// The sum of two arrays of rows, each scaled and shifted per column or not, and a ReLU: what lies between two convolutions of a
// residual network. The specification of kernel::affine_sum.
#pragma once
#include "petra/core/concepts.hpp"
#include "petra/core/extents.hpp"
#include "petra/kernel/tags.hpp"

namespace petra::inline PETRA_ABI::kernel {

// x (R,C), or (x - center) * scale + shift with center, scale and shift (C), all three or none. x null: nothing.
template <scalar T>
struct affine_term {
  T const *x = nullptr, *center = nullptr, *scale = nullptr, *shift = nullptr;
};

// y (R,C) = a + b, with relu max(a + b, 0); NaN stays NaN. b may be nothing. Assigns y, which may be a.x or b.x.
template <scalar T>
constexpr void affine_sum(scalar_tag, index_t rows, index_t cols, affine_term<T> a, affine_term<T> b, bool relu, T* y) {
  auto const value = [cols](affine_term<T> const& t, index_t i) {
    if (t.x == nullptr) return T{};
    index_t const j = i % cols;
    return t.center == nullptr ? t.x[i] : (t.x[i] - t.center[j]) * t.scale[j] + t.shift[j];
  };
  for (index_t i = 0; i < rows * cols; ++i) {
    T const sum = value(a, i) + value(b, i);
    y[i] = relu && sum < T{} ? T{} : sum;
  }
}

}  // namespace petra::kernel
