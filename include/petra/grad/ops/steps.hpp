// What windows along the steps of a sequence (N,L,C) make of its length, and which of its steps are no padding.
//
// The rule for every op along the steps: a sequence gives the same whether or not padding follows it. So padded steps are
// zeros to a convolution, are not there to a pooling or a norm, and the length of a result is what the sequence alone would
// give.
#pragma once
#include "petra/grad/ops/example.hpp"
#include "petra/kernel/simd/arithmetic.hpp"

namespace petra::inline PETRA_ABI::ops {

// Windows of `reach` steps, `stride` apart, along `steps` steps with `pads` zeros around; none where nothing is there.
[[nodiscard]] constexpr index_t windows_of(index_t steps, index_t reach, index_t stride, index_t pads) {
  return steps == 0 || steps + pads < reach ? 0 : (steps + pads - reach) / stride + 1;
}

// y (N,L',C') was computed by such windows along x (N,L,C): its lengths, if x has any.
template <scalar T>
void set_window_length(tape<T>& t, var x, var y, index_t reach, index_t stride, index_t pads) {
  std::int32_t const* const from = t.length(x);
  if (from == nullptr) return;
  index_t const n = t.shape(x)[0];
  auto* const to = t.template take<std::int32_t>(n);
  for (index_t i = 0; i < n; ++i) to[i] = static_cast<std::int32_t>(windows_of(from[i], reach, stride, pads));
  t.set_length(y, to);
}

struct without_padding_op {
  template <scalar T>
  void forward(tape<T>& t, node<T> const& y) const {
    index_t const step = y.shape[2], all = y.shape[1] * step;
    T const* const x = t.value(y.in[0]);
    t.in_pieces(pieces_of(y.shape[0], all, 1 << 15), [&](index_t first, index_t last, kernel::workspace&) {
      for (index_t i = first; i < last; ++i) {
        index_t const kept = y.length[i] * step;
        std::fill_n(std::copy_n(x + i * all, kept, y.value + i * all), all - kept, T(0));
      }
    });
  }
  template <scalar T>
  void pullback(tape<T>& t, node<T> const& y) const {
    T* const g = t.add_to(y.in[0]);
    if (g == nullptr) return;
    index_t const step = y.shape[2], all = y.shape[1] * step;
    t.in_pieces(pieces_of(y.shape[0], all, 1 << 15), [&](index_t first, index_t last, kernel::workspace&) {
      for (index_t i = first; i < last; ++i)
        kernel::add_to(kernel::best, y.length[i] * step, y.grad + i * all, g + i * all);
    });
  }
  template <scalar T>
  static var example(tape<T>& t, random& r);
};

// x with zeros for its padded steps: what an op reads that cannot leave them out. x itself where there are none.
template <scalar T>
var without_padding(tape<T>& t, var x) {
  if (t.length(x) == nullptr) return x;
  return t.push(without_padding_op{}, t.shape(x), {x});
}

// Lengths for the examples of ops along the steps: `n` of them, from 0 to `steps`.
template <scalar T>
std::int32_t const* example_lengths(tape<T>& t, index_t n, index_t steps) {
  auto* const length = t.template take<std::int32_t>(n);
  for (index_t i = 0; i < n; ++i)
    length[i] = static_cast<std::int32_t>((n - 1 - i) * steps / std::max<index_t>(n - 1, 1));
  return length;
}

template <scalar T>
var without_padding_op::example(tape<T>& t, random& r) {
  var const x = draw(t, r, {3, 4, 2});
  t.set_length(x, example_lengths(t, 3, 4));
  return without_padding(t, x);
}

}  // namespace petra::ops
