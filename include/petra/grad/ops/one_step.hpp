// One step of every sequence: the first, or the last that is no padding. y (N,C) = x (N,L,C) [n, step]; zeros for a sequence
// without steps.
#pragma once
#include "petra/grad/ops/example.hpp"

namespace petra::inline PETRA_ABI::ops {

struct one_step_op {
  bool last;

  template <scalar T>
  void forward(tape<T>& t, node<T> const& y) const {
    auto const& x = t[y.in[0]];
    for (index_t n = 0; n < y.shape[0]; ++n)
      if (index_t const row = place(x, n); row >= 0)
        std::copy_n(x.value + row * y.shape[1], y.shape[1], y.value + n * y.shape[1]);
      else
        std::fill_n(y.value + n * y.shape[1], y.shape[1], T(0));
  }
  template <scalar T>
  void pullback(tape<T>& t, node<T> const& y) const {
    T* const g = t.add_to(y.in[0]);
    if (g == nullptr) return;
    for (index_t n = 0; n < y.shape[0]; ++n)
      if (index_t const row = place(t[y.in[0]], n); row >= 0)
        for (index_t c = 0; c < y.shape[1]; ++c) g[row * y.shape[1] + c] += y.grad[n * y.shape[1] + c];
  }
  template <scalar T>
  static var example(tape<T>& t, random& r);

 private:
  // Row of x (N L, C), or -1.
  template <scalar T>
  index_t place(node<T> const& x, index_t n) const {
    index_t const steps = x.shape[1], valid = x.length == nullptr ? steps : static_cast<index_t>(x.length[n]);
    return valid == 0 ? -1 : n * steps + (last ? valid - 1 : 0);
  }
};

// Throws: shape_error when x is no (N,L,C).
template <scalar T>
var one_step(tape<T>& t, var x, bool last) {
  petra::shape const& s = t.shape(x);
  if (s.rank != 3)
    throw_error<shape_error>(
        {last ? "last_step" : "first_step", ": expected sequences (N,L,C), found ", s.rank, " axes"});
  return t.push(one_step_op{last}, {s[0], s[2]}, {x});
}

template <scalar T>
var one_step_op::example(tape<T>& t, random& r) {
  var const x = draw(t, r, {4, 3, 2});
  auto* const length = t.template take<std::int32_t>(4);
  length[0] = 3, length[1] = 1, length[2] = 0, length[3] = 2;
  t.set_length(x, length);
  var const ends = one_step(t, x, true);
  // Both ends in one result, so that one example checks both.
  struct difference {
    void forward(tape<T>& tp, node<T> const& y) const {
      for (index_t i = 0; i < y.shape.count(); ++i) y.value[i] = tp.value(y.in[0])[i] - 2 * tp.value(y.in[1])[i];
    }
    void pullback(tape<T>& tp, node<T> const& y) const {
      for (std::size_t k = 0; k < 2; ++k)
        if (T* const g = tp.add_to(y.in[k]); g != nullptr)
          for (index_t i = 0; i < y.shape.count(); ++i) g[i] += (k == 0 ? T(1) : T(-2)) * y.grad[i];
    }
  };
  return t.push(difference{}, t.shape(ends), {ends, one_step(t, x, false)});
}

}  // namespace petra::ops
