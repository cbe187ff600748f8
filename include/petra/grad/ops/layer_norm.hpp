// Layer normalization over the last axis: y (R,C) = gamma (x - mean) / sqrt(variance + eps) + beta, mean and biased variance of
// each row, gamma and beta (C).
//
// Put off (grad/chain.hpp); each piece of samples has its own sums for gamma and beta, added in the order of the pieces.
// Source: Ba, Kiros, Hinton, "Layer normalization", 2016, section 3.
#pragma once
#include "petra/grad/ops/example.hpp"
#include "petra/grad/ops/partial_sums.hpp"
#include "petra/kernel/simd/layer_norm.hpp"

namespace petra::inline PETRA_ABI::ops {

template <scalar T>
struct layer_norm_op {
  static constexpr bool puts_off = true;
  index_t samples, rows, c;  // rows: of a sample
  T *mean, *inv_std;         // (R) each
  T eps;

  void forward(tape<T>& t, node<T> const& y) const {
    T const *const gamma = t.value(y.in[1]), *const beta = t.value(y.in[2]), *const x = t.place(y.in[0]);
    t.later(y, cut(), rows * c, [op = *this, x, gamma, beta, to = y.value](slice const& s) {
      index_t const first = s.first * op.rows, at = first * op.c;
      kernel::layer_norm(kernel::best, s.count() * op.rows, op.c, op.eps, x + at, gamma, beta, op.mean + first,
                         op.inv_std + first, to + at);
    });
  }
  void pullback(tape<T>& t, node<T> const& y) const {
    T const *const gamma = t.value(y.in[1]), *const x = t.place(y.in[0]), *const dy = y.grad;
    // Chains end before and after it: with the weights of more than half a block, and their gradients, slices would leave the L2
    // cache, and memory that is done with is taken again while it is near.
    t.settle();
    auto const gx = t.sink(y.in[0]), gg = t.sink(y.in[1]), gb = t.sink(y.in[2]);
    partial_sums<T> const dgamma(t, gg, cut(), c), dbeta(t, gb, cut(), c);
    t.later(cut(), rows * c, [op = *this, x, gamma, dy, gx, dgamma, dbeta](slice const& s) {
      index_t const n = s.count() * op.rows, first = s.first * op.rows, at = first * op.c;
      kernel::workspace::scope const release(s.scratch);
      // What nobody wants still needs somewhere to be written to.
      T* const dx = gx.data != nullptr ? gx.data + at : s.scratch.template take<T>(n * op.c);
      T *const sums = s.scratch.template take<T>(2 * op.c), *const g = dgamma ? dgamma.of(s) : sums,
               *const b = dbeta ? dbeta.of(s) : sums + op.c;
      std::fill_n(sums, 2 * op.c, T(0));
      kernel::layer_norm_backward(kernel::best, n, op.c, x + at, gamma, static_cast<T const*>(op.mean + first),
                                  static_cast<T const*>(op.inv_std + first), dy + at, dx,
                                  gx.data != nullptr && !gx.fresh, g, b);
    });
    dgamma.finish(t, y.in[1]);
    dbeta.finish(t, y.in[2]);
    t.settle();
  }
  static var example(tape<T>& t, random& r);

 private:
  [[nodiscard]] pieces cut() const { return pieces_of_values(samples, rows * c); }
};

// Throws: shape_error when gamma or beta is not one number per element of the last axis. Pre: eps > 0.
template <scalar T>
var layer_norm(tape<T>& t, var x, var gamma, var beta, T eps = T(1e-5)) {
  petra::shape const s = t.shape(x);
  for (var const v : {gamma, beta})
    if (t.shape(v).count() != s.back())
      throw_error<shape_error>({"layer_norm: expected ", t.shape(v).count(), " channels, found ", s.back()});
  index_t const samples = s.rank > 1 && s[0] > 0 ? s[0] : 1;
  return t.push(layer_norm_op<T>{samples, s.rows() / samples, s.back(), t.take(s.rows()), t.take(s.rows()), eps}, s,
                {x, gamma, beta});
}

template <scalar T>
var layer_norm_op<T>::example(tape<T>& t, random& r) {
  var const x = draw(t, r, {2, 3, 5}), gamma = draw(t, r, {1, 5});
  return layer_norm(t, layer_norm(t, x, gamma, draw(t, r, {1, 5}), T(0.1)), gamma, draw(t, r, {1, 5}));
}

}  // namespace petra::ops
