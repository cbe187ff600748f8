// The last-axis product: dense layers, and the second factor of every low-rank weight.
// y (N,O) = x (N,C) . w (O,C)^T + b (O);  x may have more axes, all but the last are rows.
#pragma once
#include "petra/grad/ops/example.hpp"
#include "petra/kernel/simd/column_sum.hpp"
#include "petra/kernel/simd/gemm.hpp"

namespace petra::inline PETRA_ABI::ops {

struct matmul_op {
  template <scalar T>
  void forward(tape<T>& t, node<T> const& y) const {
    auto const &x = t[y.in[0]], &w = t[y.in[1]];
    index_t const n = x.shape.rows(), c = x.shape.back(), o = w.shape[0];
    bool const bias = static_cast<bool>(y.in[2]);
    if (bias)
      for (index_t i = 0; i < n; ++i) std::copy_n(t.value(y.in[2]), o, y.value + i * o);
    kernel::gemm(kernel::best, {n, o, c}, x.value, c, index_t{1}, w.value, index_t{1}, c, y.value, o, bias,
                 t.scratch());
  }
  // dx = dy . w;  dw = dy^T . x;  db = column sums of dy
  template <scalar T>
  void pullback(tape<T>& t, node<T> const& y) const {
    auto const &x = t[y.in[0]], &w = t[y.in[1]];
    index_t const n = x.shape.rows(), c = x.shape.back(), o = w.shape[0];
    if (auto const g = t.sink(y.in[0]); g.data != nullptr)
      kernel::gemm(kernel::best, {n, c, o}, y.grad, o, index_t{1}, w.value, c, index_t{1}, g.data, c, !g.fresh,
                   t.scratch());
    if (auto const g = t.sink(y.in[1]); g.data != nullptr)
      kernel::gemm(kernel::best, {o, c, n}, y.grad, index_t{1}, o, x.value, c, index_t{1}, g.data, c, !g.fresh,
                   t.scratch());
    if (T* const g = t.add_to(y.in[2]); g != nullptr) kernel::column_sum(kernel::best, n, o, y.grad, g);
  }
  template <scalar T>
  static var example(tape<T>&, random&);
};

// Throws: shape_error when the last axis of x is not the number of columns of w, or a bias is not one number per row of w.
template <scalar T>
var matmul(tape<T>& t, var x, var w, var bias = {}) {
  petra::shape s = t.shape(x);
  if (s.back() != t.shape(w).back())
    throw_error<shape_error>({"matmul: expected ", t.shape(w).back(), " input features, found ", s.back()});
  if (bias && t.shape(bias).count() != t.shape(w)[0])
    throw_error<shape_error>({"matmul: expected ", t.shape(w)[0], " biases, found ", t.shape(bias).count()});
  s.size[static_cast<std::size_t>(s.rank - 1)] = t.shape(w)[0];
  return t.push(matmul_op{}, s, {x, w, bias, var{}});
}

template <scalar T>
var matmul_op::example(tape<T>& t, random& r) {
  return matmul(t, draw(t, r, {3, 5}), draw(t, r, {4, 5}), draw(t, r, {1, 4}));
}

}  // namespace petra::ops
