// Rows of length one: y (N,E) = x / |x|, of any rows. What embeddings that are compared by angle end with.
// dx = (dy - y (y . dy)) / |x|. A row shorter than 1e-12 has no direction: it becomes zero
// and gets no gradient.
#pragma once
#include <cmath>

#include "petra/grad/ops/example.hpp"

namespace petra::inline PETRA_ABI::ops {

struct unit_length_op {
  template <scalar T>
  void forward(tape<T>& t, node<T> const& y) const {
    index_t const e = y.shape.back();
    T const* const x = t.value(y.in[0]);
    for (index_t i = 0; i < y.shape.count(); i += e) {
      T const factor = one_over_length(x + i, e);
      for (index_t j = i; j < i + e; ++j) y.value[j] = x[j] * factor;
    }
  }
  template <scalar T>
  void pullback(tape<T>& t, node<T> const& y) const {
    index_t const e = y.shape.back();
    T const* const x = t.value(y.in[0]);
    T* const g = t.add_to(y.in[0]);
    for (index_t i = 0; g != nullptr && i < y.shape.count(); i += e) {
      T along = 0;
      for (index_t j = i; j < i + e; ++j) along += y.value[j] * y.grad[j];
      T const factor = one_over_length(x + i, e);
      for (index_t j = i; j < i + e; ++j) g[j] += (y.grad[j] - y.value[j] * along) * factor;
    }
  }
  template <scalar T>
  static var example(tape<T>& t, random& r);

 private:
  template <scalar T>
  static T one_over_length(T const* x, index_t n) {
    T sum = 0;
    for (index_t i = 0; i < n; ++i) sum += x[i] * x[i];
    T const length = std::sqrt(sum);
    return length < T(1e-12) ? T(0) : 1 / length;
  }
};

template <scalar T>
var unit_length(tape<T>& t, var x) {
  return t.push(unit_length_op{}, t.shape(x), {x});
}

template <scalar T>
var unit_length_op::example(tape<T>& t, random& r) {
  return unit_length(t, draw(t, r, {3, 4}));
}

}  // namespace petra::ops
