// Each channel of each sample by a number of its own. y (N,...,C) = x (N,...,C) * s (N,C)
#pragma once
#include "petra/grad/ops/example.hpp"
#include "petra/kernel/simd/arithmetic.hpp"

namespace petra::inline PETRA_ABI::ops {

struct scale_channels_op {
  template <scalar T>
  void forward(tape<T>& t, node<T> const& y) const {
    index_t const c = y.shape.back();
    T const *const x = t.value(y.in[0]), *const s = t.value(y.in[1]);
    each_row(t, y, [=, &y](index_t sample, index_t at) {
      kernel::multiply(kernel::best, c, x + at, s + sample * c, y.value + at);
    });
  }
  // dx += dy s; ds += sum over the positions of dy x
  template <scalar T>
  void pullback(tape<T>& t, node<T> const& y) const {
    index_t const c = y.shape.back();
    T const *const x = t.value(y.in[0]), *const s = t.value(y.in[1]);
    T *const dx = t.add_to(y.in[0]), *const ds = t.add_to(y.in[1]);
    each_row(t, y, [=, &y](index_t sample, index_t at) {
      if (dx != nullptr) kernel::multiply_add(kernel::best, c, y.grad + at, s + sample * c, dx + at);
      if (ds != nullptr) kernel::multiply_add(kernel::best, c, y.grad + at, x + at, ds + sample * c);
    });
  }
  template <scalar T>
  static var example(tape<T>& t, random& r);

 private:
  // f(sample, first element of a position); samples share nothing, so threads take whole ones.
  template <scalar T, class F>
  static void each_row(tape<T>& t, node<T> const& y, F const& f) {
    index_t const n = y.shape[0], c = y.shape.back(), each = n == 0 ? 0 : y.shape.count() / n;
    t.in_pieces(pieces_of(n, each, 1 << 15), [=, &f](index_t first, index_t last, kernel::workspace&) {
      for (index_t i = first; i < last; ++i)
        for (index_t at = i * each; at < (i + 1) * each; at += c) f(i, at);
    });
  }
};

// Throws: shape_error when s is not one number per sample and channel of x.
template <scalar T>
var scale_channels(tape<T>& t, var x, var s) {
  auto const &a = t.shape(x), &b = t.shape(s);
  if (b.rank != 2 || b[0] != a[0] || b[1] != a.back())
    throw_error<shape_error>({"scale_channels: expected a factor for each of ", a[0], " samples and ", a.back(),
                              " channels, found ", b.rank, " axes, ", b.rows(), " x ", b.back()});
  return t.push(scale_channels_op{}, a, {x, s});
}

template <scalar T>
var scale_channels_op::example(tape<T>& t, random& r) {
  return scale_channels(t, draw(t, r, {2, 3, 2, 5}), draw(t, r, {2, 5}));
}

}  // namespace petra::ops
