// In training each element is zero with probability `rate`, and otherwise divided by 1 - rate: the mean stays. Otherwise x.
//
// Element i of the n-th dropout of a step is decided by (t.noise_key, n, i) alone: the same on any number of threads, and in a
// training that was resumed. Sixteen bits decide, so the rate is a multiple of 2^-16, the nearest.
// Source: Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", JMLR 2014.
#pragma once
#include "petra/grad/ops/example.hpp"

namespace petra::inline PETRA_ABI::ops {

struct dropout_op {
  std::uint64_t key;
  std::uint32_t below;  // an element is dropped when its sixteen bits are below it
  float scale;

  template <scalar T>
  void forward(tape<T>& t, node<T> const& y) const {
    T const* const x = t.value(y.in[0]);
    T* const to = y.value;
    each(t, y.shape, [=](index_t i, T factor) { to[i] = x[i] * factor; });
  }
  template <scalar T>
  void pullback(tape<T>& t, node<T> const& y) const {
    T* const g = t.add_to(y.in[0]);
    T const* const dy = y.grad;
    if (g != nullptr) each(t, y.shape, [=](index_t i, T factor) { g[i] += dy[i] * factor; });
  }
  template <scalar T>
  static var example(tape<T>& t, random& r);

 private:
  // f(element, 0 or scale). Decisions are made again in the backward sweep: cheaper than to keep them.
  template <scalar T, class F>
  void each(tape<T>& t, petra::shape const& s, F const& f) const {
    index_t const c = s.back();
    t.in_pieces(pieces_of(s.rows(), c, 1 << 14), [&, op = *this](index_t first, index_t last, kernel::workspace&) {
      // Loops of one kind and of constant length, which compilers turn into vectors: 0.1 ns an element
      // instead of 4.2 (AVX-512, -O3).
      constexpr index_t block = 256;
      std::uint64_t bits[block / 4];
      std::uint16_t part[block];
      T factor[block];
      auto const kept = static_cast<T>(op.scale);
      for (index_t at = first * c / 4 * 4; at < last * c; at += block) {
        for (index_t i = 0; i < block / 4; ++i) bits[i] = mix(op.key ^ mix(static_cast<std::uint64_t>(at / 4 + i)));
        __builtin_memcpy(part, bits, sizeof part);
        for (index_t i = 0; i < block; ++i) factor[i] = part[i] < op.below ? T(0) : kept;
        index_t const from = std::max(at, first * c), to = std::min(at + block, last * c);
        for (index_t i = from; i < to; ++i) f(i, factor[i - at]);
      }
    });
  }
};

// rate in [0, 1). Throws: setting_error.
template <scalar T>
var dropout(tape<T>& t, var x, float rate) {
  if (!(rate >= 0 && rate < 1)) throw_error<setting_error>({"dropout: expected a rate in [0, 1), found ", rate});
  if (!t.training) return x;
  auto const below = static_cast<std::uint32_t>(rate * 65536 + 0.5f);
  if (below == 0) return x;
  // Of a rate next to 1 at least one in 65536 is kept.
  std::uint32_t const dropped = std::min<std::uint32_t>(below, 65535);
  return t.push(dropout_op{t.next_noise(), dropped, 65536.f / static_cast<float>(65536 - dropped)}, t.shape(x), {x});
}

template <scalar T>
var dropout_op::example(tape<T>& t, random& r) {
  var const x = draw(t, r, {5, 67});
  return dropout(t, dropout(t, x, 0.25f), 0.5f);
}

}  // namespace petra::ops
