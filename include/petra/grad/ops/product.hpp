// The product of two matrices as they are: the factors of a low-rank weight, multiplied out for ops that take whole matrices.
// y (M,N) = a (M,K) . b (K,N)
#pragma once
#include "petra/grad/ops/example.hpp"
#include "petra/kernel/simd/gemm.hpp"

namespace petra::inline PETRA_ABI::ops {

struct product_op {
  template <scalar T>
  void forward(tape<T>& t, node<T> const& y) const {
    index_t const m = y.shape[0], n = y.shape[1], k = t.shape(y.in[1])[0];
    kernel::gemm(kernel::best, {m, n, k}, t.value(y.in[0]), k, index_t{1}, t.value(y.in[1]), n, index_t{1}, y.value, n,
                 false, t.scratch());
  }
  // da = dy . b^T;  db = a^T . dy
  template <scalar T>
  void pullback(tape<T>& t, node<T> const& y) const {
    index_t const m = y.shape[0], n = y.shape[1], k = t.shape(y.in[1])[0];
    if (auto const g = t.sink(y.in[0]); g.data != nullptr)
      kernel::gemm(kernel::best, {m, k, n}, y.grad, n, index_t{1}, t.value(y.in[1]), index_t{1}, n, g.data, k, !g.fresh,
                   t.scratch());
    if (auto const g = t.sink(y.in[1]); g.data != nullptr)
      kernel::gemm(kernel::best, {k, n, m}, t.value(y.in[0]), index_t{1}, k, y.grad, n, index_t{1}, g.data, n, !g.fresh,
                   t.scratch());
  }
  template <scalar T>
  static var example(tape<T>& t, random& r);
};

// Throws: shape_error when a and b are no matrices, or a has not as many columns as b has rows.
template <scalar T>
var product(tape<T>& t, var a, var b) {
  petra::shape const &p = t.shape(a), &q = t.shape(b);
  if (p.rank != 2 || q.rank != 2 || p[1] != q[0])
    throw_error<shape_error>({"product: expected two matrices, (M,K) and (K,N), found ", p.rank, " axes, the last of ",
                              p.back(), ", and ", q.rank, " axes, the first of ", q[0]});
  return t.push(product_op{}, {p[0], q[1]}, {a, b});
}

template <scalar T>
var product_op::example(tape<T>& t, random& r) {
  var const a = draw(t, r, {4, 3});
  return product(t, a, product(t, draw(t, r, {3, 4}), a));  // a is shared
}

}  // namespace petra::ops
