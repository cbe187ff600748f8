// A number for every place in a sequence, added to what stands there: y (N,L,E) = x + table (P,E), its first L rows. Padding
// stays as it is.
#pragma once
#include "petra/grad/ops/example.hpp"
#include "petra/kernel/simd/arithmetic.hpp"

namespace petra::inline PETRA_ABI::ops {

struct positions_op {
  template <scalar T>
  void forward(tape<T>& t, node<T> const& y) const {
    auto const& x = t[y.in[0]];
    T const* const table = t.value(y.in[1]);
    index_t const row = y.shape[1] * y.shape[2];
    for (index_t n = 0; n < y.shape[0]; ++n) {
      index_t const used = valid(x, n) * y.shape[2];
      kernel::add(kernel::best, used, x.value + n * row, table, y.value + n * row);
      std::copy_n(x.value + n * row + used, row - used, y.value + n * row + used);
    }
  }
  template <scalar T>
  void pullback(tape<T>& t, node<T> const& y) const {
    index_t const row = y.shape[1] * y.shape[2];
    if (auto const g = t.sink(y.in[0]); g.data != nullptr) {
      if (g.fresh)
        std::copy_n(y.grad, y.shape.count(), g.data);
      else
        kernel::add_to(kernel::best, y.shape.count(), y.grad, g.data);
    }
    if (T* const g = t.add_to(y.in[1]); g != nullptr)
      for (index_t n = 0; n < y.shape[0]; ++n)
        kernel::add_to(kernel::best, valid(t[y.in[0]], n) * y.shape[2], y.grad + n * row, g);
  }
  template <scalar T>
  static var example(tape<T>& t, random& r);

 private:
  template <scalar T>
  static index_t valid(node<T> const& x, index_t n) {
    return x.length == nullptr ? x.shape[1] : static_cast<index_t>(x.length[n]);
  }
};

// Throws: shape_error when x is no (N,L,E), or the table has fewer than L rows or another width.
template <scalar T>
var positions(tape<T>& t, var x, var table) {
  petra::shape const &s = t.shape(x), &p = t.shape(table);
  if (s.rank != 3) throw_error<shape_error>({"positions: expected sequences (N,L,E), found ", s.rank, " axes"});
  if (p.rank != 2 || p[0] < s[1] || p[1] != s[2])
    throw_error<shape_error>({"positions: expected a table of at least ", s[1], " places of ", s[2], " numbers, found ",
                              p[0], " of ", p.back()});
  return t.push(positions_op{}, s, {x, table});
}

template <scalar T>
var positions_op::example(tape<T>& t, random& r) {
  var const x = draw(t, r, {3, 4, 5});
  auto* const length = t.template take<std::int32_t>(3);
  length[0] = 4, length[1] = 0, length[2] = 2;
  var const table = draw(t, r, {6, 5}), y = positions(t, x, table);
  t.set_length(y, length);
  return positions(t, y, table);
}

}  // namespace petra::ops
