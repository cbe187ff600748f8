// Layer normalization over the last axis: y (R,C) = gamma (x - mean) / sqrt(variance + eps) + beta, mean and biased variance of
// each row, gamma and beta (C).
//
// Rows are cut into pieces; each has its own sums for gamma and beta, which are added in the order of the pieces.
// Source: Ba, Kiros, Hinton, "Layer normalization", 2016, section 3.
#pragma once
#include "petra/grad/ops/example.hpp"
#include "petra/kernel/simd/arithmetic.hpp"
#include "petra/kernel/simd/layer_norm.hpp"

namespace petra::inline PETRA_ABI::ops {

template <scalar T>
struct layer_norm_op {
  T *mean, *inv_std;  // (R) each
  T eps;

  void forward(tape<T>& t, node<T> const& y) const {
    index_t const c = y.shape.back();
    T const *const x = t.value(y.in[0]), *const gamma = t.value(y.in[1]), *const beta = t.value(y.in[2]);
    t.in_pieces(cut(y), [&](index_t first, index_t last, kernel::workspace&) {
      kernel::layer_norm(kernel::best, last - first, c, eps, x + first * c, gamma, beta, mean + first, inv_std + first,
                         y.value + first * c);
    });
  }
  void pullback(tape<T>& t, node<T> const& y) const {
    index_t const c = y.shape.back();
    pieces const p = cut(y);
    T const *const x = t.value(y.in[0]), *const gamma = t.value(y.in[1]);
    auto dx = t.sink(y.in[0]);
    if (dx.data == nullptr) dx = {t.take(y.shape.count()), true};  // a frozen input still needs somewhere to write to
    T* const sums = t.take(2 * c * p.count());
    std::fill_n(sums, 2 * c * p.count(), T(0));
    t.in_pieces(p, [&](index_t first, index_t last, kernel::workspace&) {
      T* const own = sums + first / p.size * 2 * c;
      kernel::layer_norm_backward(kernel::best, last - first, c, x + first * c, gamma, mean + first, inv_std + first,
                                  y.grad + first * c, dx.data + first * c, !dx.fresh, own, own + c);
    });
    for (std::size_t k = 0; k < 2; ++k)
      if (T* const g = t.add_to(y.in[k + 1]); g != nullptr)
        for (index_t i = 0; i < p.count(); ++i)
          kernel::add_to(kernel::best, c, sums + (2 * i + static_cast<index_t>(k)) * c, g);
  }
  static var example(tape<T>& t, random& r);

 private:
  static pieces cut(node<T> const& y) { return pieces_of(y.shape.rows(), 16 * y.shape.back(), 1 << 19); }
};

// Throws: shape_error when gamma or beta is not one number per element of the last axis. Pre: eps > 0.
template <scalar T>
var layer_norm(tape<T>& t, var x, var gamma, var beta, T eps = T(1e-5)) {
  petra::shape const s = t.shape(x);
  for (var const v : {gamma, beta})
    if (t.shape(v).count() != s.back())
      throw_error<shape_error>({"layer_norm: expected ", t.shape(v).count(), " channels, found ", s.back()});
  return t.push(layer_norm_op<T>{t.take(s.rows()), t.take(s.rows()), eps}, s, {x, gamma, beta});
}

template <scalar T>
var layer_norm_op<T>::example(tape<T>& t, random& r) {
  var const x = draw(t, r, {2, 3, 5}), gamma = draw(t, r, {1, 5});
  return layer_norm(t, layer_norm(t, x, gamma, draw(t, r, {1, 5}), T(0.1)), gamma, draw(t, r, {1, 5}));
}

}  // namespace petra::ops
