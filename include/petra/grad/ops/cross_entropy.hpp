// Mean softmax cross-entropy of logits x (N,C) against class labels, with label smoothing:
// loss = -1/N sum_n sum_c q_nc log p_nc,  q = (1 - s) [c = label] + s / C. With weights of classes a mean that is weighted by
// those of the labels.
// Source (smoothing): Szegedy et al., "Rethinking the Inception Architecture", CVPR 2016, sec. 7.
#pragma once
#include <cstdint>

#include "petra/grad/ops/add_scaled.hpp"
#include "petra/kernel/simd/cross_entropy.hpp"

namespace petra::inline PETRA_ABI::ops {

template <scalar T>
struct cross_entropy_op {
  std::int32_t const* label;
  T smoothing;
  T* probability;  // (N,C)
  T const* share;  // (N), of every sample in the mean; null: all equal

  void forward(tape<T>& t, node<T> const& y) const {
    auto const& x = t[y.in[0]];
    index_t const n = x.shape.rows(), c = x.shape.back();
    if (share == nullptr) {
      *y.value = kernel::cross_entropy(kernel::best, n, c, x.value, label, smoothing, probability);
      return;
    }
    T sum = 0;
    for (index_t i = 0; i < n; ++i)
      sum += share[i] * kernel::cross_entropy(kernel::best, 1, c, static_cast<T const*>(x.value) + i * c, label + i,
                                              smoothing, probability + i * c);
    *y.value = sum;
  }
  void pullback(tape<T>& t, node<T> const& y) const {
    T* const g = t.add_to(y.in[0]);
    if (g == nullptr) return;
    auto const& x = t[y.in[0]];
    index_t const n = x.shape.rows(), c = x.shape.back();
    for (index_t i = 0; share != nullptr && i < n; ++i)
      kernel::cross_entropy_backward(kernel::best, 1, c, static_cast<T const*>(probability) + i * c, label + i,
                                     smoothing, *y.grad * share[i], g + i * c);
    if (share != nullptr) return;
    kernel::cross_entropy_backward(kernel::best, n, c, static_cast<T const*>(probability), label, smoothing,
                                   *y.grad / static_cast<T>(n), g);
  }
  static var example(tape<T>& t, random& r);
};

// `label` outlives the step; class_weight (C), or null. Throws: shape_error when a label lies outside [0, C), training_error
// when all labels of the batch have the weight 0.
template <scalar T>
var cross_entropy(tape<T>& t, var logits, std::int32_t const* label, T smoothing = 0,
                  float const* class_weight = nullptr) {
  index_t const classes = t.shape(logits).back();
  for (index_t i = 0; i < t.shape(logits).rows(); ++i)
    if (label[i] < 0 || label[i] >= classes)
      throw_error<shape_error>({"cross_entropy: expected labels in [0, ", classes, "), found ", label[i],
                                "; the model needs one output per class of the data"});
  T* share = nullptr;
  if (class_weight != nullptr) {
    index_t const n = t.shape(logits).rows();
    share = t.take(n);
    T sum = 0;
    for (index_t i = 0; i < n; ++i) sum += share[i] = static_cast<T>(class_weight[label[i]]);
    if (!(sum > 0))
      throw_error<training_error>({"cross_entropy: expected a class of some weight in every batch, found ", n,
                                   " samples of classes without; use a larger batch"});
    for (index_t i = 0; i < n; ++i) share[i] /= sum;
  }
  return t.push(cross_entropy_op<T>{label, smoothing, t.take(t.shape(logits).count()), share}, {1},
                {logits, var{}, var{}, var{}});
}

template <scalar T>
var cross_entropy_op<T>::example(tape<T>& t, random& r) {
  std::int32_t* const label = t.template take<std::int32_t>(3);
  float* const weights = t.template take<float>(4);
  for (index_t i = 0; i < 3; ++i) label[i] = static_cast<std::int32_t>(i);
  for (index_t i = 0; i < 4; ++i) weights[i] = 0.5f + static_cast<float>(i);
  var const x = draw(t, r, {3, 4});
  return add_scaled(t, cross_entropy(t, x, label, T(0.1)), cross_entropy(t, x, label, T(0.2), weights), T(0.5));
}

}  // namespace petra::ops
