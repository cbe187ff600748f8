// Maximum and average over windows of steps, (N,L,C) -> (N,L',C), and over all steps of a sequence, (N,L,C) -> (N,C).
// Padded steps are not there: a maximum ignores them, an average does not count them. A sequence without steps gives zeros.
#pragma once
#include "petra/grad/ops/steps.hpp"
#include "petra/kernel/simd/pool1d.hpp"

namespace petra::inline PETRA_ABI::ops {

struct max_pool1d_op {
  kernel::pool1d_dims d;
  std::int32_t* argmax;  // which step each output came from
  template <scalar T>
  void forward(tape<T>& t, node<T> const& y) const {
    T const* const x = t.value(y.in[0]);
    index_t const from = d.steps * d.c, to = d.out() * d.c;
    t.in_pieces(pieces_of(d.n, d.out() * d.taps * d.c, 1 << 15), [&, this](index_t i, index_t end, kernel::workspace&) {
      kernel::max_pool1d(kernel::best, d.part(i, end), x + i * from, y.value + i * to, argmax + i * to);
    });
  }
  template <scalar T>
  void pullback(tape<T>& t, node<T> const& y) const {
    T* const g = t.add_to(y.in[0]);
    if (g == nullptr) return;
    index_t const from = d.steps * d.c, to = d.out() * d.c;
    t.in_pieces(pieces_of(d.n, d.out() * d.taps * d.c, 1 << 15), [&, this](index_t i, index_t end, kernel::workspace&) {
      kernel::max_pool1d_backward(kernel::best, d.part(i, end), argmax + i * to, y.grad + i * to, g + i * from);
    });
  }
  template <scalar T>
  static var example(tape<T>& t, random& r);
};

struct avg_pool1d_op {
  kernel::pool1d_dims d;
  template <scalar T>
  void forward(tape<T>& t, node<T> const& y) const {
    T const* const x = t.value(y.in[0]);
    index_t const from = d.steps * d.c, to = d.out() * d.c;
    t.in_pieces(pieces_of(d.n, d.out() * d.taps * d.c, 1 << 15), [&, this](index_t i, index_t end, kernel::workspace&) {
      kernel::avg_pool1d(kernel::best, d.part(i, end), x + i * from, y.value + i * to);
    });
  }
  template <scalar T>
  void pullback(tape<T>& t, node<T> const& y) const {
    T* const g = t.add_to(y.in[0]);
    if (g == nullptr) return;
    index_t const from = d.steps * d.c, to = d.out() * d.c;
    t.in_pieces(pieces_of(d.n, d.out() * d.taps * d.c, 1 << 15), [&, this](index_t i, index_t end, kernel::workspace&) {
      kernel::avg_pool1d_backward(kernel::best, d.part(i, end), y.grad + i * to, g + i * from);
    });
  }
  template <scalar T>
  static var example(tape<T>& t, random& r);
};

struct pool1d_settings {
  index_t taps = 2, stride = 2;
  index_t before = 0, after = 0;  // steps around the sequence that hold no values
};

// Throws: shape_error when x is no (N,L,C) or the window does not fit. Pre: taps, stride >= 1, 0 <= before, after < taps.
template <scalar T>
kernel::pool1d_dims pool1d_dims(tape<T> const& t, var x, pool1d_settings const& s, char const* name) {
  auto const& in = t.shape(x);
  if (in.rank != 3 || in[1] + s.before + s.after < s.taps)
    throw_error<shape_error>({name, ": expected (N,L,C) of at least ", s.taps - s.before - s.after, " steps, found ",
                              in.rank, " axes", (in.rank == 3 ? ", " + std::to_string(in[1]) + " steps" : "")});
  return {in[0], in[1], in[2], s.taps, s.stride, s.before, s.after, t.length(x)};
}

template <scalar T>
var max_pool1d(tape<T>& t, var x, pool1d_settings const& s = {}) {
  auto const d = pool1d_dims(t, x, s, "max_pool1d");
  petra::shape const out{d.n, d.out(), d.c};
  var const y = t.push(max_pool1d_op{d, t.template take<std::int32_t>(out.count())}, out, {x});
  set_window_length(t, x, y, s.taps, s.stride, s.before + s.after);
  return y;
}
template <scalar T>
var avg_pool1d(tape<T>& t, var x, pool1d_settings const& s = {}) {
  auto const d = pool1d_dims(t, x, s, "avg_pool1d");
  var const y = t.push(avg_pool1d_op{d}, {d.n, d.out(), d.c}, {x});
  set_window_length(t, x, y, s.taps, s.stride, s.before + s.after);
  return y;
}

// Over all steps, (N,L,C) -> (N,C). Throws: shape_error when x is no (N,L,C).
template <scalar T>
var max_of_steps(tape<T>& t, var x) {
  index_t const steps = t.shape(x).rank == 3 ? t.shape(x)[1] : 1;
  auto const d = pool1d_dims(t, x, {steps, 1}, "max_of_steps");
  return t.push(max_pool1d_op{d, t.template take<std::int32_t>(d.n * d.c)}, {d.n, d.c}, {x});
}
template <scalar T>
var mean_of_steps(tape<T>& t, var x) {
  index_t const steps = t.shape(x).rank == 3 ? t.shape(x)[1] : 1;
  return t.push(avg_pool1d_op{pool1d_dims(t, x, {steps, 1}, "mean_of_steps")}, {t.shape(x)[0], t.shape(x).back()}, {x});
}

template <scalar T>
var max_pool1d_op::example(tape<T>& t, random& r) {
  var const x = draw(t, r, {3, 7, 5});
  t.set_length(x, example_lengths(t, 3, 7));
  return max_of_steps(t, max_pool1d(t, x, {3, 1, 1, 1}));
}
template <scalar T>
var avg_pool1d_op::example(tape<T>& t, random& r) {
  var const x = draw(t, r, {3, 7, 5});
  t.set_length(x, example_lengths(t, 3, 7));
  return mean_of_steps(t, avg_pool1d(t, x, {3, 2, 1, 1}));
}

}  // namespace petra::ops
