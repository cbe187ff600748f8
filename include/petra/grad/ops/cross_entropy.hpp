// Mean softmax cross-entropy of logits x (N,C) against class labels, with label smoothing:
// loss = -1/N sum_n sum_c q_nc log p_nc,  q = (1 - s) [c = label] + s / C.
// Source (smoothing): Szegedy et al., "Rethinking the Inception Architecture", CVPR 2016, sec. 7.
#pragma once
#include <cstdint>

#include "petra/grad/ops/example.hpp"
#include "petra/kernel/simd/cross_entropy.hpp"

namespace petra::inline PETRA_ABI::ops {

template <scalar T>
struct cross_entropy_op {
  std::int32_t const* label;
  T smoothing;
  T* probability;  // (N,C)

  void forward(tape<T>& t, node<T> const& y) const {
    auto const& x = t[y.in[0]];
    *y.value =
        kernel::cross_entropy(kernel::best, x.shape.rows(), x.shape.back(), x.value, label, smoothing, probability);
  }
  void pullback(tape<T>& t, node<T> const& y) const {
    T* const g = t.add_to(y.in[0]);
    if (g == nullptr) return;
    auto const& x = t[y.in[0]];
    index_t const n = x.shape.rows();
    kernel::cross_entropy_backward(kernel::best, n, x.shape.back(), static_cast<T const*>(probability), label,
                                   smoothing, *y.grad / static_cast<T>(n), g);
  }
  static var example(tape<T>& t, random& r);
};

// `label` outlives the step. Throws: shape_error when a label lies outside [0, C).
template <scalar T>
var cross_entropy(tape<T>& t, var logits, std::int32_t const* label, T smoothing = 0) {
  index_t const classes = t.shape(logits).back();
  for (index_t i = 0; i < t.shape(logits).rows(); ++i)
    if (label[i] < 0 || label[i] >= classes)
      throw_error<shape_error>({"cross_entropy: expected labels in [0, ", classes, "), found ", label[i],
                                "; the model needs one output per class of the data"});
  return t.push(cross_entropy_op<T>{label, smoothing, t.take(t.shape(logits).count())}, {1},
                {logits, var{}, var{}, var{}});
}

template <scalar T>
var cross_entropy_op<T>::example(tape<T>& t, random& r) {
  std::int32_t* const label = t.template take<std::int32_t>(3);
  for (index_t i = 0; i < 3; ++i) label[i] = static_cast<std::int32_t>(i);
  return cross_entropy(t, draw(t, r, {3, 4}), label, T(0.1));
}

}  // namespace petra::ops
