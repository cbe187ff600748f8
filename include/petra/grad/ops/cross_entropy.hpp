// Mean softmax cross-entropy of logits x (N,C) against class labels, with label smoothing:
// loss = -1/N sum_n sum_c q_nc log p_nc,  q = (1 - s) [c = label] + s / C.
// Source (smoothing): Szegedy et al., "Rethinking the Inception Architecture", CVPR 2016, sec. 7.
#pragma once
#include <cmath>
#include <cstdint>

#include "petra/grad/ops/example.hpp"

namespace petra::inline PETRA_ABI::ops {

template <scalar T>
struct cross_entropy_op {
  std::int32_t const* label;
  T smoothing;
  T* probability;  // (N,C)

  void forward(tape<T>& t, node<T> const& y) const {
    auto const& x = t[y.in[0]];
    index_t const n = x.shape.rows(), c = x.shape.back();
    T total = 0;
    for (index_t i = 0; i < n; ++i) {
      T const* const row = x.value + i * c;
      T* const p = probability + i * c;
      T const top = *std::max_element(row, row + c);
      T sum = 0, mean = 0;
      for (index_t j = 0; j < c; ++j) sum += p[j] = std::exp(row[j] - top), mean += row[j];
      for (index_t j = 0; j < c; ++j) p[j] /= sum;
      T const log_sum = std::log(sum) + top;
      total += log_sum - (1 - smoothing) * row[label[i]] - smoothing * mean / static_cast<T>(c);
    }
    *y.value = total / static_cast<T>(n);
  }
  // dx = (p - q) / N
  void pullback(tape<T>& t, node<T> const& y) const {
    T* const g = t.add_to(y.in[0]);
    if (g == nullptr) return;
    auto const& x = t[y.in[0]];
    index_t const n = x.shape.rows(), c = x.shape.back();
    T const scale = *y.grad / static_cast<T>(n);
    for (index_t i = 0; i < n; ++i)
      for (index_t j = 0; j < c; ++j)
        g[i * c + j] +=
            scale * (probability[i * c + j] - smoothing / static_cast<T>(c) - (j == label[i] ? 1 - smoothing : T(0)));
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
