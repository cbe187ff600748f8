// y = x / ||x||_2 for each row: embeddings on the unit sphere. y, x (N,C). A row of zeros stays zero and gets no gradient.
#pragma once
#include <cmath>

#include "petra/grad/ops/example.hpp"

namespace petra::inline PETRA_ABI::ops {

template <scalar T>
struct unit_rows_op {
  T* inverse;  // (N): 1 / norm, 0 of a row of zeros

  void forward(tape<T>& t, node<T> const& y) const {
    T const* const x = t.value(y.in[0]);
    index_t const n = y.shape.rows(), c = y.shape.back();
    for (index_t i = 0; i < n; ++i) {
      T sum = 0;
      for (index_t j = i * c; j < (i + 1) * c; ++j) sum += x[j] * x[j];
      inverse[i] = sum > 0 ? 1 / std::sqrt(sum) : T(0);
      for (index_t j = i * c; j < (i + 1) * c; ++j) y.value[j] = inverse[i] * x[j];
    }
  }
  // dx += (dy - y (y . dy)) / norm
  void pullback(tape<T>& t, node<T> const& y) const {
    T* const g = t.add_to(y.in[0]);
    if (g == nullptr) return;
    index_t const n = y.shape.rows(), c = y.shape.back();
    for (index_t i = 0; i < n; ++i) {
      T along = 0;
      for (index_t j = i * c; j < (i + 1) * c; ++j) along += y.value[j] * y.grad[j];
      for (index_t j = i * c; j < (i + 1) * c; ++j) g[j] += inverse[i] * (y.grad[j] - y.value[j] * along);
    }
  }
  static var example(tape<T>& t, random& r) {
    var const x = draw(t, r, {3, 4});
    return t.push(unit_rows_op{t.template take<T>(3)}, t.shape(x), {x});
  }
};

template <scalar T>
var unit_rows(tape<T>& t, var x) {
  return t.push(unit_rows_op<T>{t.take(t.shape(x).rows())}, t.shape(x), {x});
}

}  // namespace petra::ops
