// Batch normalization over every axis but the last: y = gamma * (x - mean) / sqrt(var + eps) + beta.
// x (R,C), gamma (C), beta (C). In training the statistics are the batch's (biased variance) and the running ones move towards
// them; otherwise the running statistics are used.
//
// Source: Ioffe, Szegedy, "Batch Normalization", ICML 2015, algorithms 1 and 2. Differs: the running variance is the unbiased
// one, as every framework stores it.
#pragma once
#include <cmath>

#include "petra/grad/ops/example.hpp"
#include "petra/kernel/simd/batch_norm.hpp"

namespace petra::inline PETRA_ABI::ops {

template <scalar T>
struct batch_norm_op {
  T *mean, *inv_std;  // of this batch, (C) each; nullptr: running statistics
  float *running_mean, *running_var;
  float momentum, eps;

  void forward(tape<T>& t, node<T> const& y) const {
    auto const& x = t[y.in[0]];
    index_t const n = x.shape.rows(), c = x.shape.back();
    T const *const gamma = t.value(y.in[1]), *const beta = t.value(y.in[2]);
    if (mean == nullptr) {
      T *const scale = t.take(c), *const shift = t.take(c);
      for (index_t j = 0; j < c; ++j) {
        scale[j] = gamma[j] / std::sqrt(static_cast<T>(running_var[j]) + static_cast<T>(eps));
        shift[j] = beta[j] - static_cast<T>(running_mean[j]) * scale[j];
      }
      kernel::scale_shift(kernel::best, n, c, x.value, scale, shift, y.value);
      return;
    }
    kernel::batch_norm(kernel::best, n, c, x.value, gamma, beta, static_cast<T>(eps), mean, inv_std, y.value);
    T const unbiased = static_cast<T>(n) / static_cast<T>(std::max<index_t>(n - 1, 1));
    for (index_t j = 0; j < c; ++j) {
      T const var = (1 / (inv_std[j] * inv_std[j]) - static_cast<T>(eps)) * unbiased;
      running_mean[j] += momentum * (static_cast<float>(mean[j]) - running_mean[j]);
      running_var[j] += momentum * (static_cast<float>(var) - running_var[j]);
    }
  }
  void pullback(tape<T>& t, node<T> const& y) const {
    auto const& x = t[y.in[0]];
    index_t const n = x.shape.rows(), c = x.shape.back();
    // A frozen input still needs somewhere to add to.
    auto target = [&](var v) {
      if (T* const g = t.add_to(v); g != nullptr) return g;
      T* const g = t.take(t.shape(v).count());
      std::fill_n(g, t.shape(v).count(), T(0));
      return g;
    };
    T *const dx = target(y.in[0]), *const dgamma = target(y.in[1]), *const dbeta = target(y.in[2]);
    if (mean != nullptr) {
      kernel::batch_norm_backward(kernel::best, n, c, x.value, t.value(y.in[1]), mean, inv_std, y.grad, dx, dgamma,
                                  dbeta, t.scratch());
      return;
    }
    for (index_t j = 0; j < c; ++j) {
      T const inv = 1 / std::sqrt(static_cast<T>(running_var[j]) + static_cast<T>(eps)),
              m = static_cast<T>(running_mean[j]);
      T const gamma = t.value(y.in[1])[j];
      for (index_t i = j; i < n * c; i += c) {
        dgamma[j] += y.grad[i] * (x.value[i] - m) * inv;
        dbeta[j] += y.grad[i];
        dx[i] += y.grad[i] * gamma * inv;
      }
    }
  }
  static var example(tape<T>& t, random& r);
};

// running_mean, running_var: (C), must outlive the step; moved by `momentum` in training.
// `frozen`: use the running statistics even in training (a folded or calibrated network).
template <scalar T>
var batch_norm(tape<T>& t, var x, var gamma, var beta, float* running_mean, float* running_var, float momentum,
               float eps, bool frozen = false) {
  index_t const c = t.shape(x).back();
  if (t.shape(gamma).count() != c)
    throw_error<shape_error>({"batch_norm: expected ", t.shape(gamma).count(), " channels, found ", c});
  if (t.shape(beta).count() != c)
    throw_error<shape_error>({"batch_norm: expected ", c, " shifts, found ", t.shape(beta).count()});
  bool const batch = t.training && !frozen;
  batch_norm_op<T> const op{
      batch ? t.take(c) : nullptr, batch ? t.take(c) : nullptr, running_mean, running_var, momentum, eps};
  return t.push(op, t.shape(x), {x, gamma, beta, var{}});
}

template <scalar T>
var batch_norm_op<T>::example(tape<T>& t, random& r) {
  float* const running = t.template take<float>(12);
  std::fill_n(running, 12, 1.f);
  var const y = batch_norm(t, draw(t, r, {4, 2, 1, 3}), draw(t, r, {1, 3}), draw(t, r, {1, 3}), running, running + 3,
                           0.1f, 1e-3f);
  return batch_norm(t, y, draw(t, r, {1, 3}), draw(t, r, {1, 3}), running + 6, running + 9, 0.1f, 1e-3f, true);
}

}  // namespace petra::ops
