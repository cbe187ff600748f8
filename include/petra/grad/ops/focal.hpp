// Mean focal loss of logits x (N,C): cross-entropy with less weight on samples that are right already.
// loss = -1/N sum_n a_n (1 - p_n)^gamma log p_n,  p_n the probability of the label of sample n, a_n the weight of its class.
// gamma = 0 is cross-entropy.
// Source: Lin et al., "Focal loss for dense object detection", ICCV 2017, eq. 5; with a softmax in place of the sigmoid.
#pragma once
#include <cmath>
#include <cstdint>

#include "petra/grad/ops/example.hpp"
#include "petra/kernel/simd/softmax.hpp"

namespace petra::inline PETRA_ABI::ops {

template <scalar T>
struct focal_op {
  std::int32_t const* label;
  float const* class_weight;  // (C) or null
  T gamma;
  T* probability;  // (N,C)

  // -a (1 - p)^gamma log p. log p from the logits: it is finite where p is rounded to 0.
  void forward(tape<T>& t, node<T> const& y) const {
    auto const& x = t[y.in[0]];
    index_t const n = x.shape.rows(), c = x.shape.back();
    kernel::softmax(kernel::best, n, c, x.value, probability);
    T sum = 0;
    for (index_t i = 0; i < n; ++i) {
      T const p = probability[i * c + label[i]];
      sum -= weight(i) * std::pow(std::max(1 - p, T(0)), gamma) * log_of(x.value + i * c, c, label[i]);
    }
    *y.value = sum / static_cast<T>(n);
  }
  // d / dx_j = a (gamma p (1 - p)^(gamma - 1) log p - (1 - p)^gamma) ([j = label] - p_j)
  void pullback(tape<T>& t, node<T> const& y) const {
    T* const g = t.add_to(y.in[0]);
    if (g == nullptr) return;
    auto const& x = t[y.in[0]];
    index_t const n = x.shape.rows(), c = x.shape.back();
    for (index_t i = 0; i < n; ++i) {
      T const* const all = probability + i * c;
      T const p = all[label[i]], rest = std::max(1 - p, T(0));
      T slope = -std::pow(rest, gamma);
      if (gamma != 0 && rest > 0) slope += gamma * p * std::pow(rest, gamma - 1) * log_of(x.value + i * c, c, label[i]);
      slope *= weight(i) * *y.grad / static_cast<T>(n);
      for (index_t j = 0; j < c; ++j) g[i * c + j] -= slope * all[j];
      g[i * c + label[i]] += slope;
    }
  }
  static var example(tape<T>& t, random& r);

 private:
  T weight(index_t i) const { return class_weight == nullptr ? T(1) : static_cast<T>(class_weight[label[i]]); }
  static T log_of(T const* x, index_t c, std::int32_t label) {
    T top = x[0], sum = 0;
    for (index_t j = 1; j < c; ++j) top = std::max(top, x[j]);
    for (index_t j = 0; j < c; ++j) sum += std::exp(x[j] - top);
    return x[label] - top - std::log(sum);
  }
};

// label (N) and class_weight (C, or null) outlive the step.
// Throws: shape_error when a label lies outside [0, C), setting_error unless gamma >= 0.
template <scalar T>
var focal(tape<T>& t, var logits, std::int32_t const* label, T gamma, float const* class_weight = nullptr) {
  index_t const classes = t.shape(logits).back();
  if (!(gamma >= 0)) throw_error<setting_error>({"focal: gamma must be >= 0, found ", gamma});
  for (index_t i = 0; i < t.shape(logits).rows(); ++i)
    if (label[i] < 0 || label[i] >= classes)
      throw_error<shape_error>({"focal: expected labels in [0, ", classes, "), found ", label[i],
                                "; the model needs one output per class of the data"});
  return t.push(focal_op<T>{label, class_weight, gamma, t.take(t.shape(logits).count())}, {1}, {logits});
}

template <scalar T>
var focal_op<T>::example(tape<T>& t, random& r) {
  std::int32_t* const label = t.template take<std::int32_t>(3);
  float* const weights = t.template take<float>(4);
  for (index_t i = 0; i < 3; ++i) label[i] = static_cast<std::int32_t>(i);
  for (index_t i = 0; i < 4; ++i) weights[i] = 0.5f + 0.25f * static_cast<float>(i);
  var const x = draw(t, r, {3, 4});
  return focal(t, x, label, T(1.5), weights);
}

}  // namespace petra::ops
