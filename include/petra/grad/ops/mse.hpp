// Mean squared error: loss = 1/(N C) sum (x - target)^2.
#pragma once
#include "petra/grad/ops/example.hpp"

namespace petra::inline PETRA_ABI::ops {

struct mse_op {
  template <scalar T>
  void forward(tape<T>& t, node<T> const& y) const {
    T const *const x = t.value(y.in[0]), *const target = t.value(y.in[1]);
    index_t const n = t.shape(y.in[0]).count();
    T sum = 0;
    for (index_t i = 0; i < n; ++i) sum += (x[i] - target[i]) * (x[i] - target[i]);
    *y.value = sum / static_cast<T>(n);
  }
  template <scalar T>
  void pullback(tape<T>& t, node<T> const& y) const {
    T const *const x = t.value(y.in[0]), *const target = t.value(y.in[1]);
    index_t const n = t.shape(y.in[0]).count();
    T const scale = 2 * *y.grad / static_cast<T>(n);
    T *const gx = t.add_to(y.in[0]), *const gt = t.add_to(y.in[1]);
    for (index_t i = 0; i < n; ++i) {
      if (gx != nullptr) gx[i] += scale * (x[i] - target[i]);
      if (gt != nullptr) gt[i] -= scale * (x[i] - target[i]);
    }
  }
  template <scalar T>
  static var example(tape<T>& t, random& r);
};

// Throws: shape_error when the numbers of elements differ.
template <scalar T>
var mse(tape<T>& t, var x, var target) {
  if (t.shape(x).count() != t.shape(target).count())
    throw_error<shape_error>({"mse: expected ", t.shape(x).count(), " targets, found ", t.shape(target).count()});
  return t.push(mse_op{}, {1}, {x, target, var{}, var{}});
}

template <scalar T>
var mse_op::example(tape<T>& t, random& r) {
  return mse(t, draw(t, r, {3, 4}), draw(t, r, {3, 4}));
}

}  // namespace petra::ops
