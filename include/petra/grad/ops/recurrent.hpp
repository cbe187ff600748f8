// A recurrent layer over whole sequences, one op: what ops::gru and ops::lstm share.
//
// x (N,L,C) -> (N,L,D H), the state after every step, or (N,D H), the last one. D directions: from the first step to the last,
// from the last valid one to the first, or both side by side. Steps behind the end of a sequence are not taken; the states
// there are zeros. w (D G H,C), u (D G H,H), biases (D G H): gates stacked as PyTorch stacks them, directions one behind the
// other. The first state is zero.
//
// Samples are cut into pieces that run their sequences by themselves. Gradients of weights and biases are summed by piece, and
// then in the order of the pieces: the same bits on any number of threads.
// Source: kernel/reference/gru_training.hpp.
#pragma once
#include "petra/grad/ops/example.hpp"
#include "petra/kernel/simd/arithmetic.hpp"
#include "petra/kernel/simd/gru_training.hpp"

namespace petra::inline PETRA_ABI::ops {

enum class direction : unsigned char { forward, reverse, both };

struct recurrent_settings {
  ops::direction direction = direction::forward;
  bool last = false;  // the last state instead of all
};

template <scalar T, class Cell>
struct recurrent_op {
  static constexpr index_t gates = Cell::gates, saved_rows = Cell::saved;

  recurrent_settings settings;
  T* saved;   // (D,N,L,saved_rows,H), what the gradient needs
  T* states;  // (N,L,D H); nullptr: the value of the node

  void forward(tape<T>& t, node<T> const& y) const {
    auto const& x = t[y.in[0]];
    index_t const h = hidden(t, y), c = x.shape[2], size = kernel::packed_recurrent_size<Cell>(kernel::best, c, h);
    T *const all = states == nullptr ? y.value : states, *const packed = t.take(directions() * size),
             *const bias = t.take(4 * h);
    for (index_t d = 0; d < directions(); ++d) {
      std::fill_n(bias, 4 * h, T(0));
      for (index_t g = 0; g < gates; ++g) {
        add_bias(t, y.in[3], d * gates + g, h, bias + Cell::of_input[g] * h);
        add_bias(t, y.in[4], d * gates + g, h, bias + Cell::of_state[g] * h);
      }
      kernel::pack_recurrent<Cell>(kernel::best, c, h, t.value(y.in[1]) + d * gates * h * c,
                                   t.value(y.in[2]) + d * gates * h * h, bias, packed + d * size);
    }
    t.in_pieces(cut(x, h), [&](index_t first, index_t last, kernel::workspace& scratch) {
      for (index_t d = 0; d < directions(); ++d)
        kernel::recurrent_forward<Cell>(kernel::best, batch(x, h, d, first, last), x.value + first * x.shape[1] * c,
                                        packed + d * size, all + first * x.shape[1] * directions() * h + d * h,
                                        saved_of(x, h, d, first), scratch);
      if (states != nullptr) keep_last(x, h, first, last, y.value);
    });
  }

  void pullback(tape<T>& t, node<T> const& y) const {
    auto const& x = t[y.in[0]];
    index_t const h = hidden(t, y), c = x.shape[2], steps = x.shape[1], width = directions() * h,
                  size = kernel::packed_state_size<Cell>(kernel::best, h);
    T const *const all = states == nullptr ? y.value : states, *const w = t.value(y.in[1]);
    T* const packed = t.take(directions() * size);
    for (index_t d = 0; d < directions(); ++d)
      kernel::pack_state<Cell>(kernel::best, h, t.value(y.in[2]) + d * gates * h * h, packed + d * size);
    auto const dx = t.sink(y.in[0]);
    pieces const p = cut(x, h);
    // The sums of one piece and direction: of w, of u, and of the slopes.
    index_t const of_w = gates * h * c, of_u = gates * h * h, of_all = of_w + of_u + 4 * h;
    T* const sums = t.take(p.count() * directions() * of_all);
    t.in_pieces(p, [&](index_t first, index_t last, kernel::workspace& scratch) {
      for (index_t d = 0; d < directions(); ++d) {
        index_t const start = first * steps * width + d * h, in = first * steps * c;
        T *const own = sums + (first / p.size * directions() + d) * of_all, *const to = dx.data;
        std::fill_n(own, of_all, T(0));
        kernel::recurrent_backward<Cell>(
            kernel::best, batch(x, h, d, first, last), x.value + in, w + d * of_w, packed + d * size, all + start,
            saved_of(x, h, d, first), settings.last ? nullptr : y.grad + start,
            settings.last ? y.grad + first * width + d * h : nullptr, width,
            {own, own + of_w, own + of_w + of_u, to == nullptr ? nullptr : to + in, !dx.fresh || d > 0}, scratch);
      }
    });
    T *const dw = t.add_to(y.in[1]), *const du = t.add_to(y.in[2]), *const ib = t.add_to(y.in[3]),
             *const sb = t.add_to(y.in[4]);
    for (index_t i = 0; i < p.count() * directions(); ++i) {
      index_t const d = i % directions();
      T const *const own = sums + i * of_all, *const slopes = own + of_w + of_u;
      add_sum(own, of_w, d, dw);
      add_sum(own + of_w, of_u, d, du);
      for (index_t g = 0; g < gates; ++g) {
        add_sum(slopes + Cell::slope_of_input[g] * h, h, d * gates + g, ib);
        add_sum(slopes + Cell::slope_of_state[g] * h, h, d * gates + g, sb);
      }
    }
  }
  static var example(tape<T>& t, random& r);

 private:
  [[nodiscard]] index_t directions() const { return settings.direction == direction::both ? 2 : 1; }
  static index_t hidden(tape<T> const& t, node<T> const& y) { return t.shape(y.in[2])[1]; }
  // Sixteen samples at least: each piece reads all weights at every step.
  static pieces cut(node<T> const& x, index_t h) {
    pieces p = pieces_of(x.shape[0], 2 * gates * h * (h + x.shape[2]) * x.shape[1], 1 << 21);
    p.size = std::max(p.size, std::min<index_t>(x.shape[0], 16));
    return p;
  }
  [[nodiscard]] kernel::recurrent_batch batch(node<T> const& x, index_t h, index_t d, index_t first,
                                              index_t last) const {
    return {last - first,
            x.shape[1],
            x.shape[2],
            h,
            directions() * h,
            x.length == nullptr ? nullptr : x.length + first,
            d == 1 || settings.direction == direction::reverse};
  }
  [[nodiscard]] T* saved_of(node<T> const& x, index_t h, index_t d, index_t first) const {
    return saved + (d * x.shape[0] + first) * x.shape[1] * saved_rows * h;
  }
  static void add_bias(tape<T> const& t, var bias, index_t row, index_t h, T* to) {
    if (bias) kernel::add_to(kernel::best, h, t.value(bias) + row * h, to);
  }
  static void add_sum(T const* from, index_t n, index_t place, T* to) {
    if (to != nullptr) kernel::add_to(kernel::best, n, from, to + place * n);
  }
  void keep_last(node<T> const& x, index_t h, index_t first, index_t last, T* y) const {
    for (index_t d = 0; d < directions(); ++d) {
      auto const b = batch(x, h, d, 0, x.shape[0]);
      for (index_t n = first; n < last; ++n) {
        T* const to = y + (n * directions() + d) * h;
        if (b.valid(n) == 0)
          std::fill_n(to, h, T(0));
        else
          std::copy_n(states + (b.row(n, b.valid(n) - 1) * directions() + d) * h, h, to);
      }
    }
  }
};

// input_bias, state_bias: numbers of one gate each (D G H), or absent.
// Throws: shape_error when x is no (N,L,C) or the weights and biases do not fit it.
template <class Cell, scalar T>
var recurrent(tape<T>& t, char const* name, var x, var w, var u, var input_bias, var state_bias,
              recurrent_settings settings) {
  petra::shape const s = t.shape(x), sw = t.shape(w), su = t.shape(u);
  index_t const h = su.back(), d = settings.direction == direction::both ? 2 : 1, rows = d * Cell::gates * h;
  if (s.rank != 3) throw_error<shape_error>({name, ": expected sequences (N,L,C), found ", s.rank, " axes"});
  if (sw.back() != s[2]) throw_error<shape_error>({name, ": expected ", sw.back(), " numbers a step, found ", s[2]});
  if (su.rows() != rows || sw.rows() != rows)
    throw_error<shape_error>({name, ": expected weights of ", rows, " rows for ", h, " units, ", Cell::gates,
                              " gates and ", d, " directions, found ", sw.rows(), " and ", su.rows()});
  for (var const b : {input_bias, state_bias})
    if (b && t.shape(b).count() != rows)
      throw_error<shape_error>({name, ": expected ", rows, " biases, found ", t.shape(b).count()});
  T* const saved = t.take(d * s[0] * s[1] * Cell::saved * h);
  recurrent_op<T, Cell> const op{settings, saved, settings.last ? t.take(s[0] * s[1] * d * h) : nullptr};
  petra::shape const out = settings.last ? petra::shape(s[0], d * h) : petra::shape(s[0], s[1], d * h);
  return t.push(op, out, {x, w, u, input_bias, state_bias});
}

template <scalar T, class Cell>
var recurrent_op<T, Cell>::example(tape<T>& t, random& r) {
  index_t const h = 3;
  auto layer = [&](var x, recurrent_settings s) {
    index_t const rows = (s.direction == direction::both ? 2 : 1) * gates * h;
    auto weight = [&](index_t cols) { return draw(t, r, {rows, cols}); };
    var const w = weight(t.shape(x)[2]), u = weight(h), a = weight(1);
    return recurrent<Cell>(t, "recurrent", x, w, u, a, weight(1), s);
  };
  var const x = draw(t, r, {3, 4, 2});
  auto* const length = t.template take<std::int32_t>(3);
  length[0] = 2, length[1] = 4, length[2] = 0;
  t.set_length(x, length);
  return layer(layer(layer(x, {direction::both}), {direction::reverse}), {direction::both, true});
}

}  // namespace petra::ops
