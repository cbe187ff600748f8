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
    t.later(y, cut(), most(),
            each_sample(y, [d = d, x, to = y.value](index_t n, auto const& valid, T* own, auto& scratch) {
              T* const out = to + n * d.steps * d.y_row();
              kernel::self_attention(kernel::best, valid, x + n * d.steps * d.qkv_row(), own, out, scratch);
              std::fill_n(out + valid.steps * d.y_row(), (d.steps - valid.steps) * d.y_row(), T(0));
            }));
  }
  void pullback(tape<T>& t, node<T> const& y) const {
    T const *const x = t.place(y.in[0]), *const dy = y.grad;
    auto const g = t.sink(y.in[0]);
    if (g.data == nullptr) return;
    t.later(cut(), most(), each_sample(y, [d = d, x, dy, g](index_t n, auto const& valid, T const* own, auto& scratch) {
              T* const to = g.data + n * d.steps * d.qkv_row();
              kernel::self_attention_backward(kernel::best, valid, x + n * d.steps * d.qkv_row(), own,
                                              dy + n * d.steps * d.y_row(), to, !g.fresh, scratch);
              if (g.fresh) std::fill_n(to + valid.steps * d.qkv_row(), (d.steps - valid.steps) * d.qkv_row(), T(0));
            }));
  }
  static var example(tape<T>& t, random& r);

 private:
  [[nodiscard]] index_t most() const { return d.steps * std::max(d.heads * d.steps, d.qkv_row()); }
  [[nodiscard]] pieces cut() const { return pieces_of_values(samples, most()); }
  // f(sample, dims of its length, its p, scratch) for all samples of a slice.
  template <class F>
  auto each_sample(node<T> const& y, F const& f) const {
    return [op = *this, f, length = y.length](slice const& s) {
      kernel::self_attention_dims valid = op.d;
      for (index_t n = s.first; n < s.last; ++n) {
        if (length != nullptr) valid.steps = length[n];
        f(n, valid, op.p + n * op.d.heads * op.d.steps * op.d.steps, s.scratch);
      }
    };
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
