// Tensors side by side along the last axis. y (..., C0 + C1 + ...) = x0 (...,C0), x1 (...,C1), ...
#pragma once
#include <span>

#include "petra/grad/ops/example.hpp"
#include "petra/kernel/simd/arithmetic.hpp"

namespace petra::inline PETRA_ABI::ops {

struct concat_op {
  template <scalar T>
  void forward(tape<T>& t, node<T> const& y) const {
    std::array<T const*, std::tuple_size_v<inputs>> x{};
    for (std::size_t i = 0; i < x.size() && y.in[i]; ++i) x[i] = t.value(y.in[i]);
    each(t, y, [&](std::size_t i, index_t first, index_t last, index_t at) {
      index_t const c = t.shape(y.in[i]).back(), all = y.shape.back();
      for (index_t r = first; r < last; ++r) std::copy_n(x[i] + r * c, c, y.value + r * all + at);
    });
  }
  template <scalar T>
  void pullback(tape<T>& t, node<T> const& y) const {
    // Of a variable that is there twice the first part assigns, the other adds.
    std::array<typename tape<T>::gradient, std::tuple_size_v<inputs>> gradient{};
    for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] = t.sink(y.in[i]);
    each(t, y, [&](std::size_t i, index_t first, index_t last, index_t at) {
      index_t const c = t.shape(y.in[i]).back(), all = y.shape.back();
      T* const g = gradient[i].data;
      for (index_t r = first; g != nullptr && r < last; ++r) {
        T const* const from = y.grad + r * all + at;
        if (gradient[i].fresh)
          std::copy_n(from, c, g + r * c);
        else
          kernel::add_to(kernel::best, c, from, g + r * c);
      }
    });
  }
  template <scalar T>
  static var example(tape<T>& t, random& r);

 private:
  // f(input, first row, last row, its first channel in y), the inputs of a row in their order
  template <scalar T, class F>
  static void each(tape<T>& t, node<T> const& y, F const& f) {
    t.in_pieces(pieces_of(y.shape.rows(), y.shape.back(), 1 << 15),
                [&](index_t first, index_t last, kernel::workspace&) {
                  index_t at = 0;
                  for (std::size_t i = 0; i < y.in.size() && y.in[i]; ++i) {
                    f(i, first, last, at);
                    at += t.shape(y.in[i]).back();
                  }
                });
  }
};

// More than six tensors are put together step by step.
// Throws: shape_error when there is nothing, or shapes differ in another axis than the last.
template <scalar T>
var concat(tape<T>& t, std::span<var const> parts) {
  constexpr std::size_t most = std::tuple_size_v<inputs>;
  if (parts.empty()) throw_error<shape_error>({"concat: expected at least one tensor, found none"});
  var y{};
  while (!parts.empty()) {
    inputs in{};
    std::size_t count = 0;
    if (y) in[count++] = y;
    std::size_t const more = std::min(parts.size(), most - count);
    for (std::size_t i = 0; i < more; ++i) in[count++] = parts[i];
    parts = parts.subspan(more);
    petra::shape s = t.shape(in[0]);
    index_t channels = 0;
    for (std::size_t i = 0; i < count; ++i) {
      auto const& x = t.shape(in[i]);
      bool fits = x.rank == s.rank;
      for (index_t a = 0; a + 1 < s.rank; ++a) fits = fits && x[a] == s[a];
      if (!fits)
        throw_error<shape_error>({"concat: expected equal axes but for the last one, found ", x.rank, " axes with ",
                                  x.rows(), " rows beside ", s.rank, " axes with ", s.rows(), " rows"});
      channels += x.back();
    }
    s.size[static_cast<std::size_t>(s.rank - 1)] = channels;
    y = t.push(concat_op{}, s, in);
  }
  return y;
}

template <scalar T>
var concat_op::example(tape<T>& t, random& r) {
  var const a = draw(t, r, {2, 3, 4}), b = draw(t, r, {2, 3, 1});
  var const parts[] = {a, b, a, draw(t, r, {2, 3, 2}), b, a, b, b};
  return concat(t, std::span<var const>(parts));
}

}  // namespace petra::ops
