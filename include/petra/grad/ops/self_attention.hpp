// Multi-head self-attention over sequences: y (N,L,E) of qkv (N,L,3 E), queries | keys | values, each of `heads` heads side by
// side. Of every head  y = softmax(q k^T / sqrt(E / heads)) v.
//
// `causal`: a step sees itself and what came before it. Steps behind the end of a sequence are not seen, and theirs are
// zeros; a sequence without steps is zeros, too. Samples are independent of each other and put off (grad/chain.hpp): the same
// bits on any number of threads.
// Source: Vaswani et al., "Attention is all you need", 2017, section 3.2.
#pragma once
#include "petra/grad/ops/example.hpp"
#include "petra/kernel/simd/self_attention.hpp"

namespace petra::inline PETRA_ABI::ops {

template <scalar T>
struct self_attention_op {
  static constexpr bool puts_off = true;
  index_t samples;
  kernel::self_attention_dims d;
  T* p;  // (N,heads,L,L), of which a sequence of T steps uses (heads,T,T)

  void forward(tape<T>& t, node<T> const& y) const {
    T const* const x = t.place(y.in[0]);
    t.later(y, cut(), most(), [op = *this, x, to = y.value, length = y.length](slice const& s) {
      op.each_sample(s, length, [&](index_t n, kernel::self_attention_dims const& valid, T* own) {
        index_t const row = valid.y_row(), steps = op.d.steps;
        T* const result = to + n * steps * row;
        kernel::self_attention(kernel::best, valid, x + n * steps * valid.qkv_row(), own, result, s.scratch);
        std::fill_n(result + valid.steps * row, (steps - valid.steps) * row, T(0));
      });
    });
  }
  void pullback(tape<T>& t, node<T> const& y) const {
    if (!t.wants_gradient(y.in[0])) return;
    T const *const x = t.place(y.in[0]), *const dy = y.grad;
    index_t const sample = d.steps * d.qkv_row();
    // That of a slice's samples, to `to`.
    auto const dx = [op = *this, x, dy, length = y.length, sample](slice const& s, T* to, bool accumulate) {
      op.each_sample(s, length, [&](index_t n, kernel::self_attention_dims const& valid, T const* own) {
        index_t const row = valid.qkv_row(), steps = op.d.steps;
        T* const result = to + (n - s.first) * sample;
        kernel::self_attention_backward(kernel::best, valid, x + n * sample, own, dy + n * steps * valid.y_row(),
                                        result, accumulate, s.scratch);
        if (!accumulate) std::fill_n(result + valid.steps * row, (steps - valid.steps) * row, T(0));
      });
    };
    if (t.later_gradient(y.in[0], cut(), [dx](slice const& s, T* to) { dx(s, to, false); })) return;
    auto const g = t.sink(y.in[0]);
    t.later(cut(), most(), [dx, g, sample](slice const& s) { dx(s, g.data + s.first * sample, !g.fresh); });
  }
  static var example(tape<T>& t, random& r);

 private:
  [[nodiscard]] index_t most() const { return d.steps * std::max(d.heads * d.steps, d.qkv_row()); }
  [[nodiscard]] pieces cut() const { return pieces_of_values(samples, most()); }
  // f(sample, dims of its length, its p) for all samples of a slice.
  template <class F>
  void each_sample(slice const& s, std::int32_t const* length, F const& f) const {
    kernel::self_attention_dims valid = d;
    for (index_t n = s.first; n < s.last; ++n) {
      if (length != nullptr) valid.steps = length[n];
      f(n, valid, p + n * d.heads * d.steps * d.steps);
    }
  }
};

// Throws: shape_error when qkv is no (N,L,3 E) or heads do not divide E.
template <scalar T>
var self_attention(tape<T>& t, var qkv, index_t heads, bool causal = false) {
  petra::shape const s = t.shape(qkv);
  if (s.rank != 3 || heads < 1 || s[2] % (3 * heads) != 0)
    throw_error<shape_error>({"self_attention: expected (N,L,3 E) with E a multiple of ", heads, " heads, found ",
                              s.rank, " axes with ", s.back(), " channels"});
  T* const p = t.take(s[0] * heads * s[1] * s[1]);
  return t.push(self_attention_op<T>{s[0], {s[1], heads, s[2] / 3 / heads, causal}, p}, {s[0], s[1], s[2] / 3}, {qkv});
}

template <scalar T>
var self_attention_op<T>::example(tape<T>& t, random& r) {
  var const x = draw(t, r, {3, 4, 18});
  auto* const length = t.template take<std::int32_t>(3);
  length[0] = 2, length[1] = 0, length[2] = 4;
  var const whole = self_attention(t, x, 3);
  t.set_length(x, length);
  // All steps, then with lengths, then causal: x is shared.
  struct sum {
    void forward(tape<T>& tp, node<T> const& y) const {
      for (index_t i = 0; i < y.shape.count(); ++i)
        y.value[i] = tp.value(y.in[0])[i] + tp.value(y.in[1])[i] * tp.value(y.in[2])[i];
    }
    void pullback(tape<T>& tp, node<T> const& y) const {
      for (std::size_t k = 0; k < 3; ++k)
        if (T* const g = tp.add_to(y.in[k]); g != nullptr)
          for (index_t i = 0; i < y.shape.count(); ++i) g[i] += y.grad[i] * (k == 0 ? T(1) : tp.value(y.in[3 - k])[i]);
    }
  };
  var const part = self_attention(t, x, 2), causal = self_attention(t, x, 1, true);
  return t.push(sum{}, t.shape(whole), {whole, part, causal});
}

}  // namespace petra::ops
