// Max and average pooling of (N,H,W,C). The average counts only the taps inside the picture; global pooling is a window of the
// whole map.
#pragma once
#include <cstdint>

#include "petra/grad/ops/example.hpp"
#include "petra/kernel/simd/avg_pool.hpp"
#include "petra/kernel/simd/max_pool.hpp"

namespace petra::inline PETRA_ABI::ops {

// Numbers of a sample before and after.
constexpr index_t pool_in(kernel::pool2d_dims const& d) { return d.h * d.w * d.c; }
constexpr index_t pool_out(kernel::pool2d_dims const& d) { return d.out_h() * d.out_w() * d.c; }
inline kernel::pool2d_dims pool_slice(kernel::pool2d_dims d, slice const& s) {
  d.n = s.count();
  return d;
}

struct max_pool_op {
  static constexpr bool puts_off = true;
  kernel::pool2d_dims d;
  std::int32_t* argmax;  // where each output came from
  template <scalar T>
  void forward(tape<T>& t, node<T> const& y) const {
    T const* const x = t.place(y.in[0]);
    t.later(y, pieces_of_values(d.n, pool_in(d)), pool_in(d), [op = *this, x, to = y.value](slice const& s) {
      index_t const at = s.first * pool_out(op.d);
      kernel::max_pool(kernel::best, pool_slice(op.d, s), x + s.first * pool_in(op.d), to + at, op.argmax + at);
    });
  }
  template <scalar T>
  void pullback(tape<T>& t, node<T> const& y) const {
    auto const g = t.sink(y.in[0]);
    if (g.data == nullptr) return;
    t.later(pieces_of_values(d.n, pool_in(d)), pool_in(d), [op = *this, g, dy = y.grad](slice const& s) {
      T* const to = g.data + s.first * pool_in(op.d);
      if (g.fresh) std::fill_n(to, s.count() * pool_in(op.d), T(0));
      index_t const at = s.first * pool_out(op.d);
      kernel::max_pool_backward(kernel::best, pool_slice(op.d, s), op.argmax + at, static_cast<T const*>(dy + at), to);
    });
  }
  template <scalar T>
  static var example(tape<T>& t, random& r);
};

struct avg_pool_op {
  static constexpr bool puts_off = true;
  kernel::pool2d_dims d;
  template <scalar T>
  void forward(tape<T>& t, node<T> const& y) const {
    T const* const x = t.place(y.in[0]);
    t.later(y, pieces_of_values(d.n, pool_in(d)), pool_in(d), [d = d, x, to = y.value](slice const& s) {
      kernel::avg_pool(kernel::best, pool_slice(d, s), x + s.first * pool_in(d), to + s.first * pool_out(d));
    });
  }
  template <scalar T>
  void pullback(tape<T>& t, node<T> const& y) const {
    auto const g = t.sink(y.in[0]);
    if (g.data == nullptr) return;
    t.later(pieces_of_values(d.n, pool_in(d)), pool_in(d), [d = d, g, dy = y.grad](slice const& s) {
      T* const to = g.data + s.first * pool_in(d);
      if (g.fresh) std::fill_n(to, s.count() * pool_in(d), T(0));
      kernel::avg_pool_backward(kernel::best, pool_slice(d, s), static_cast<T const*>(dy + s.first * pool_out(d)), to);
    });
  }
  template <scalar T>
  static var example(tape<T>& t, random& r);
};

struct pool_settings {
  index_t kernel = 2;  // 0: the whole map
  index_t stride = 2, pad = 0;
};

// Apart from pool_dims: text would be most of it.
[[noreturn, gnu::cold, gnu::noinline]] inline void refuse_pool(char const* name, index_t side, petra::shape const& in) {
  if (in.rank != 4)
    throw_error<shape_error>(
        {name, ": expected (N,H,W,C) of at least ", side, " pixels a side, found ", in.rank, " axes"});
  throw_error<shape_error>({name, ": expected (N,H,W,C) of at least ", side, " pixels a side, found ", in.rank,
                            " axes, ", in[1], " x ", in[2]});
}

// Throws: shape_error when x is no (N,H,W,C) or the window does not fit. Pre: stride >= 1, 0 <= pad < kernel.
template <scalar T>
kernel::pool2d_dims pool_dims(tape<T> const& t, var x, pool_settings s, char const* name) {
  auto const& in = t.shape(x);
  bool const whole = s.kernel == 0;
  kernel::pool2d_dims const d =
      in.rank != 4 ? kernel::pool2d_dims{0, 0, 0, 0, s.kernel, s.kernel, 1, s.pad}
      : whole      ? kernel::pool2d_dims{in[0], in[1], in[2], in[3], in[1], in[2], 1, 0}
                   : kernel::pool2d_dims{in[0], in[1], in[2], in[3], s.kernel, s.kernel, s.stride, s.pad};
  // Not out_h() < 1: with a stride above 1 its division rounds a negative room up to 0.
  if (in.rank != 4 || d.h + 2 * d.pad < d.kernel_h || d.w + 2 * d.pad < d.kernel_w)
    refuse_pool(name, d.kernel_h - 2 * d.pad, in);
  return d;
}

template <scalar T>
var max_pool(tape<T>& t, var x, pool_settings s = {}) {
  auto const d = pool_dims(t, x, s, "max_pool");
  petra::shape const out{d.n, d.out_h(), d.out_w(), d.c};
  return t.push(max_pool_op{d, t.template take<std::int32_t>(out.count())}, out, {x, var{}, var{}, var{}});
}
template <scalar T>
var avg_pool(tape<T>& t, var x, pool_settings s = {}) {
  auto const d = pool_dims(t, x, s, "avg_pool");
  return t.push(avg_pool_op{d}, {d.n, d.out_h(), d.out_w(), d.c}, {x, var{}, var{}, var{}});
}

template <scalar T>
var max_pool_op::example(tape<T>& t, random& r) {
  return max_pool(t, draw(t, r, {2, 5, 6, 3}), {3, 2, 1});
}
template <scalar T>
var avg_pool_op::example(tape<T>& t, random& r) {
  return avg_pool(t, avg_pool(t, draw(t, r, {2, 5, 6, 3}), {3, 2, 1}), {.kernel = 0});
}

}  // namespace petra::ops
