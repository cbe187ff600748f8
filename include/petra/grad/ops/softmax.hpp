// y = exp(x) / sum exp(x) along the last axis. For probabilities inside a model: the loss ops::cross_entropy takes logits.
#pragma once
#include "petra/grad/ops/example.hpp"
#include "petra/kernel/simd/softmax.hpp"

namespace petra::inline PETRA_ABI::ops {

struct softmax_op {
  template <scalar T>
  void forward(tape<T>& t, node<T> const& y) const {
    index_t const c = y.shape.back();
    T const* const x = t.value(y.in[0]);
    t.in_pieces(rows(y.shape), [&](index_t first, index_t last, kernel::workspace&) {
      kernel::softmax(kernel::best, last - first, c, x + first * c, y.value + first * c);
    });
  }
  template <scalar T>
  void pullback(tape<T>& t, node<T> const& y) const {
    T* const g = t.add_to(y.in[0]);
    if (g == nullptr) return;
    index_t const c = y.shape.back();
    t.in_pieces(rows(y.shape), [&](index_t first, index_t last, kernel::workspace&) {
      kernel::softmax_backward(kernel::best, last - first, c, y.value + first * c, y.grad + first * c, g + first * c);
    });
  }
  template <scalar T>
  static var example(tape<T>& t, random& r);

 private:
  static pieces rows(petra::shape const& s) { return pieces_of(s.rows(), s.back(), 1 << 14); }
};

// Throws: shape_error when the last axis is empty.
template <scalar T>
var softmax(tape<T>& t, var x) {
  if (t.shape(x).back() < 1) throw_error<shape_error>({"softmax: expected at least one number a row, found none"});
  return t.push(softmax_op{}, t.shape(x), {x});
}

template <scalar T>
var softmax_op::example(tape<T>& t, random& r) {
  return softmax(t, draw(t, r, {2, 3, 19}));
}

}  // namespace petra::ops
