// Batch normalization over every axis but the last: y = gamma * (x - mean) / sqrt(var + eps) + beta.
// x (R,C), gamma (C), beta (C). In training the statistics are the batch's (biased variance) and the running ones move towards
// them; otherwise the running statistics are used.
//
// Source: Ioffe, Szegedy, "Batch Normalization", ICML 2015, algorithms 1 and 2. Differs: the running variance is the unbiased
// one, as every framework stores it.
#pragma once
#include <cmath>

#include "petra/grad/ops/affine_closure.hpp"
#include "petra/grad/ops/example.hpp"
#include "petra/kernel/simd/arithmetic.hpp"
#include "petra/kernel/simd/batch_norm.hpp"

namespace petra::inline PETRA_ABI::ops {

template <scalar T>
struct batch_norm_op {
  static constexpr bool puts_off = true;
  // (C) each. mean and inv_std: of this batch, or the running ones.
  T *mean, *inv_std, *scale;
  bool batch;
  float *running_mean, *running_var;
  float momentum, eps;

  struct extents {
    index_t samples, sample, c;  // numbers of a sample
    pieces p;
    explicit extents(petra::shape const& s)
        : samples(s[0]),
          sample(s.count() / std::max<index_t>(s[0], 1)),
          c(s.back()),
          p(pieces_of_values(samples, sample)) {}
    [[nodiscard]] index_t rows(slice const& s) const { return s.count() * sample / c; }
  };

  void forward(tape<T>& t, node<T> const& y) const {
    extents const e(y.shape);
    T const *const gamma = t.value(y.in[1]), *const beta = t.value(y.in[2]);
    T const* const x = t.place(y.in[0]);
    if (batch) {
      statistics(t, e, x);
    } else {
      for (index_t j = 0; j < e.c; ++j) {
        mean[j] = static_cast<T>(running_mean[j]);
        inv_std[j] = 1 / std::sqrt(static_cast<T>(running_var[j]) + static_cast<T>(eps));
      }
    }
    for (index_t j = 0; j < e.c; ++j) scale[j] = gamma[j] * inv_std[j];
    put_off_sum(t, y, {x, mean, scale, beta}, {}, false);
  }
  void pullback(tape<T>& t, node<T> const& y) const {
    extents const e(y.shape);
    T const* const x = t.place(y.in[0]);
    T* const dy = y.grad;
    // Per piece: sums of dy, and of dy times the deviation from the mean.
    index_t const count = e.p.count();
    T* const sums = t.take(2 * count * e.c);
    t.later(e.p, e.sample, [e, x, dy, sums, m = mean](slice const& s) {
      T* const sum = sums + 2 * s.piece * e.c;
      kernel::batch_norm_sums(kernel::best, e.rows(s), e.c, x + s.first * e.sample, static_cast<T const*>(m),
                              static_cast<T const*>(dy + s.first * e.sample), sum, sum + e.c, !s.opens);
    });
    t.settle();
    for (index_t i = 1; i < count; ++i) kernel::add_to(kernel::best, 2 * e.c, sums + 2 * i * e.c, sums);
    auto const dgamma = t.sink(y.in[1]), dbeta = t.sink(y.in[2]);
    // In place where it can be: no third array goes through the cache.
    auto const gx = t.pass_on(y, y.in[0]) ? typename tape<T>::gradient{dy, true} : t.sink(y.in[0]);
    T *const offset = t.take(e.c), *const slope = t.take(e.c);
    T const rows = static_cast<T>(y.shape.count() / std::max<index_t>(e.c, 1));
    for (index_t j = 0; j < e.c; ++j) {
      T const sum = sums[j], product = sums[e.c + j] * inv_std[j];
      if (dbeta.data != nullptr) dbeta.data[j] = dbeta.fresh ? sum : dbeta.data[j] + sum;
      if (dgamma.data != nullptr) dgamma.data[j] = dgamma.fresh ? product : dgamma.data[j] + product;
      offset[j] = batch ? sum / rows : T(0);
      slope[j] = batch ? product / rows * inv_std[j] : T(0);
    }
    if (gx.data == nullptr) return;
    t.later(e.p, e.sample, [e, x, dy, gx, m = mean, a = scale, offset, slope](slice const& s) {
      index_t const at = s.first * e.sample;
      kernel::batch_norm_gradient(kernel::best, e.rows(s), e.c, x + at, static_cast<T const*>(m),
                                  static_cast<T const*>(a), static_cast<T const*>(offset), static_cast<T const*>(slope),
                                  static_cast<T const*>(dy + at), gx.data + at, !gx.fresh);
    });
  }

 private:
  // Mean and deviation of the batch; the running ones follow.
  void statistics(tape<T>& t, extents const& e, T const* x) const {
    index_t const count = e.p.count();
    T* const parts = t.take(2 * count * e.c);  // per piece: means, and sums of squared deviations
    t.later(e.p, e.sample, [e, x, parts](slice const& s) {
      T* const part = parts + 2 * s.piece * e.c;
      index_t const before = s.opens ? 0 : s.first - s.piece * e.p.size;
      kernel::column_statistics(kernel::best, before * e.sample / e.c, e.rows(s), e.c, x + s.first * e.sample, part,
                                part + e.c);
    });
    t.settle();
    index_t const rows = e.sample / std::max<index_t>(e.c, 1), n = e.samples * rows;
    T const unbiased = static_cast<T>(n) / static_cast<T>(std::max<index_t>(n - 1, 1));
    for (index_t j = 0; j < e.c; ++j) {
      // Chan, Golub, LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", 1979, eq. 2.1
      T m = parts[j], squares = parts[e.c + j];
      for (index_t i = 1; i < count; ++i) {
        T const here = static_cast<T>((e.p.last(i) - e.p.first(i)) * rows), all = static_cast<T>(e.p.last(i) * rows);
        T const delta = parts[2 * i * e.c + j] - m;
        m += delta * here / all;
        squares += parts[(2 * i + 1) * e.c + j] + delta * delta * (all - here) * here / all;
      }
      T const var = squares / static_cast<T>(n);
      mean[j] = m;
      inv_std[j] = 1 / std::sqrt(var + static_cast<T>(eps));
      running_mean[j] += momentum * (static_cast<float>(m) - running_mean[j]);
      running_var[j] += momentum * (static_cast<float>(var * unbiased) - running_var[j]);
    }
  }

 public:
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
  batch_norm_op<T> const op{t.take(c), t.take(c), t.take(c), batch, running_mean, running_var, momentum, eps};
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
