// Rows by index. y (M,C) = x (R,C)[row (M)];  x may have more axes, all but the last are rows. A row that is negative is zeros.
#pragma once
#include <span>

#include "petra/grad/ops/example.hpp"
#include "petra/kernel/simd/arithmetic.hpp"

namespace petra::inline PETRA_ABI::ops {

struct gather_op {
  index_t const* row;  // (M)
  template <scalar T>
  void forward(tape<T>& t, node<T> const& y) const {
    index_t const c = y.shape[1];
    T const* const x = t.value(y.in[0]);
    t.in_pieces(pieces_of(y.shape[0], c, 1 << 15), [&, this](index_t first, index_t last, kernel::workspace&) {
      for (index_t i = first; i < last; ++i) {
        if (row[i] < 0)
          std::fill_n(y.value + i * c, c, T(0));
        else
          std::copy_n(x + row[i] * c, c, y.value + i * c);
      }
    });
  }
  // In the order of y, on one thread: a row may be asked for more than once.
  template <scalar T>
  void pullback(tape<T>& t, node<T> const& y) const {
    T* const g = t.add_to(y.in[0]);
    if (g == nullptr) return;
    index_t const c = y.shape[1];
    for (index_t i = 0; i < y.shape[0]; ++i)
      if (row[i] >= 0) kernel::add_to(kernel::best, c, y.grad + i * c, g + row[i] * c);
  }
  template <scalar T>
  static var example(tape<T>& t, random& r);
};

// `row` is copied. Throws: shape_error when a row is not there.
template <scalar T>
var gather(tape<T>& t, var x, std::span<index_t const> row) {
  auto const n = static_cast<index_t>(row.size()), rows = t.shape(x).rows();
  for (index_t const r : row)
    if (r >= rows) throw_error<shape_error>({"gather: expected rows below ", rows, ", found ", r});
  auto* const kept = t.template take<index_t>(n);
  std::copy(row.begin(), row.end(), kept);
  return t.push(gather_op{kept}, {n, t.shape(x).back()}, {x});
}

template <scalar T>
var gather_op::example(tape<T>& t, random& r) {
  index_t const row[] = {2, 0, 5, -1, 2};
  return gather(t, draw(t, r, {2, 3, 4}), std::span<index_t const>(row));
}

}  // namespace petra::ops
