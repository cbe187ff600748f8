// Sequences without their padding, and back: what a norm over all steps of a batch reads and returns.
// pack_steps   (N,L,C) -> (R,C)      R: the sum of the lengths
// unpack_steps (R,C)   -> (N,L,C)    zeros for padded steps
#pragma once
#include "petra/grad/ops/example.hpp"
#include "petra/kernel/simd/arithmetic.hpp"

namespace petra::inline PETRA_ABI::ops {

struct pack_steps_op {
  std::int32_t const* length;  // (N)
  index_t n, steps;
  bool packs;

  template <scalar T>
  void forward(tape<T>& t, node<T> const& y) const {
    T const* const x = t.value(y.in[0]);
    if (!packs) std::fill_n(y.value, y.shape.count(), T(0));
    index_t const c = y.shape.back();
    each([&](index_t packed, index_t padded, index_t count) {
      std::copy_n(x + (packs ? padded : packed) * c, count * c, y.value + (packs ? packed : padded) * c);
    });
  }
  template <scalar T>
  void pullback(tape<T>& t, node<T> const& y) const {
    T* const g = t.add_to(y.in[0]);
    if (g == nullptr) return;
    index_t const c = y.shape.back();
    each([&](index_t packed, index_t padded, index_t count) {
      kernel::add_to(kernel::best, count * c, y.grad + (packs ? packed : padded) * c,
                     g + (packs ? padded : packed) * c);
    });
  }
  template <scalar T>
  static var example(tape<T>& t, random& r);

 private:
  // f(first packed row, first padded row, rows) of each sequence
  template <class F>
  void each(F const& f) const {
    index_t packed = 0;
    for (index_t i = 0; i < n; ++i) {
      f(packed, i * steps, length[i]);
      packed += length[i];
    }
  }
};

// x (N,L,C) with lengths. Throws: shape_error when it has none.
template <scalar T>
var pack_steps(tape<T>& t, var x) {
  auto const s = t.shape(x);
  std::int32_t const* const length = t.length(x);
  if (length == nullptr) throw_error<shape_error>({"pack_steps: expected sequences (N,L,C) with lengths, found none"});
  index_t rows = 0;
  for (index_t i = 0; i < s[0]; ++i) rows += length[i];
  return t.push(pack_steps_op{length, s[0], s[1], true}, {rows, s[2]}, {x});
}

// The steps (R,C) as the sequences `like` (N,L,.), from whose pack_steps they come.
// Throws: shape_error when there are not as many.
template <scalar T>
var unpack_steps(tape<T>& t, var packed, var like) {
  auto const s = t.shape(like), p = t.shape(packed);
  std::int32_t const* const length = t.length(like);
  index_t rows = 0;
  for (index_t i = 0; length != nullptr && i < s[0]; ++i) rows += length[i];
  if (length == nullptr || p.rank != 2 || p[0] != rows)
    throw_error<shape_error>({"unpack_steps: expected ", rows, " steps, found ", p[0]});
  var const y = t.push(pack_steps_op{length, s[0], s[1], false}, {s[0], s[1], p[1]}, {packed});
  t.set_length(y, length);
  return y;
}

template <scalar T>
var pack_steps_op::example(tape<T>& t, random& r) {
  var const x = draw(t, r, {3, 4, 2});
  auto* const length = t.template take<std::int32_t>(3);
  length[0] = 3, length[1] = 0, length[2] = 4;
  t.set_length(x, length);
  return unpack_steps(t, pack_steps(t, x), x);
}

}  // namespace petra::ops
