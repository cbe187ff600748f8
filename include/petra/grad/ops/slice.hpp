// A range of one axis: y = x[..., first : first + count, ...]. Along the steps of a sequence (N,L,C) its lengths follow.
#pragma once
#include "petra/grad/ops/example.hpp"
#include "petra/kernel/simd/arithmetic.hpp"

namespace petra::inline PETRA_ABI::ops {

struct slice_op {
  index_t from, to,
      skipped;  // elements of x and y before an element of the axes above it is done; of x before the first

  template <scalar T>
  void forward(tape<T>& t, node<T> const& y) const {
    T const* const x = t.value(y.in[0]);
    t.in_pieces(rows(y), [&, this](index_t first, index_t last, kernel::workspace&) {
      for (index_t i = first; i < last; ++i) std::copy_n(x + i * from + skipped, to, y.value + i * to);
    });
  }
  template <scalar T>
  void pullback(tape<T>& t, node<T> const& y) const {
    T* const g = t.add_to(y.in[0]);
    if (g == nullptr) return;
    t.in_pieces(rows(y), [&, this](index_t first, index_t last, kernel::workspace&) {
      for (index_t i = first; i < last; ++i) kernel::add_to(kernel::best, to, y.grad + i * to, g + i * from + skipped);
    });
  }
  template <scalar T>
  static var example(tape<T>& t, random& r);

 private:
  template <scalar T>
  [[nodiscard]] pieces rows(node<T> const& y) const {
    return pieces_of(y.shape.count() / to, to, 1 << 15);
  }
};

// Throws: shape_error when the axis or the range is not there.
template <scalar T>
var slice_axis(tape<T>& t, var x, index_t axis, index_t first, index_t count) {
  petra::shape s = t.shape(x);
  if (axis < 0 || axis >= s.rank)
    throw_error<shape_error>({"slice_axis: expected an axis in [0, ", s.rank, "), found ", axis});
  index_t const extent = s[axis];
  if (first < 0 || count < 1 || first + count > extent)
    throw_error<shape_error>(
        {"slice_axis: expected a range inside [0, ", extent, "), found [", first, ", ", first + count, ")"});
  index_t inner = 1;
  for (index_t a = axis + 1; a < s.rank; ++a) inner *= s[a];
  s.size[static_cast<std::size_t>(axis)] = count;
  var const y = t.push(slice_op{extent * inner, count * inner, first * inner}, s, {x});
  if (auto const* const length = t.length(x); length != nullptr && axis == 0) {
    t.set_length(y, length + first);
  } else if (length != nullptr && axis == 1) {
    auto* const left = t.template take<std::int32_t>(s[0]);
    for (index_t i = 0; i < s[0]; ++i)
      left[i] = static_cast<std::int32_t>(std::clamp<index_t>(length[i] - first, 0, count));
    t.set_length(y, left);
  }
  return y;
}

template <scalar T>
var slice_op::example(tape<T>& t, random& r) {
  var const x = draw(t, r, {3, 4, 5});
  return slice_axis(t, slice_axis(t, slice_axis(t, x, 1, 1, 2), 2, 2, 3), 0, 0, 2);
}

}  // namespace petra::ops
