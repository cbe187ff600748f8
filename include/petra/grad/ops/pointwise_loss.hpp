// Mean over all numbers of a curve of each: loss = 1/(N C) sum f(x, z), x (N,C) outputs, z (N,C) what they should be.
//
// A curve has value(x, z) and slope(x, z) = d value / d x. At a kink the slope is one of the subgradients.
#pragma once
#include <cmath>

#include "petra/grad/ops/example.hpp"

namespace petra::inline PETRA_ABI::ops {

// |x - z|
struct absolute_error {
  template <scalar T>
  T value(T x, T z) const {
    return std::abs(x - z);
  }
  template <scalar T>
  T slope(T x, T z) const {
    return static_cast<T>((x > z) - (x < z));
  }
};

// d^2 / 2 for |d| <= delta, delta (|d| - delta / 2) beyond; d = x - z.
// Source: Huber, "Robust estimation of a location parameter", 1964.
struct huber_error {
  float delta = 1;
  template <scalar T>
  T value(T x, T z) const {
    T const d = std::abs(x - z), limit = static_cast<T>(delta);
    return d <= limit ? d * d / 2 : limit * (d - limit / 2);
  }
  template <scalar T>
  T slope(T x, T z) const {
    T const limit = static_cast<T>(delta);
    return std::min(std::max(x - z, -limit), limit);
  }
};

// Cross-entropy of the probability sigmoid(x) and z in [0, 1]: -(z log p + (1 - z) log(1 - p)), without overflow.
struct logistic_error {
  template <scalar T>
  T value(T x, T z) const {
    return std::max(x, T(0)) - x * z + std::log1p(std::exp(-std::abs(x)));
  }
  template <scalar T>
  T slope(T x, T z) const {
    T const e = std::exp(-std::abs(x));
    return (x >= 0 ? T(1) : e) / (1 + e) - z;
  }
};

// The square d^2, re-weighted by max(a k^2, b) / (1 + k^2), k = 2 d / N its gradient: between a constant and a weight that
// grows with the error. balance >= 1: a = 1, b = balance; below: a = 1 / balance, b = 1. The weight is differentiated, too.
// Source: YuFei Lai, "Lai loss: a novel loss for gradient control", arXiv 2405.07884; one of the regularizers of Revin et al.,
// arXiv 2510.09566, whose form this is.
struct reweighted_square {
  double samples = 1;  // N
  float balance = 0.5f;
  template <scalar T>
  T value(T x, T z) const {
    T const d = x - z, k2 = square_of_k(d);
    return d * d * std::max(a<T>() * k2, b<T>()) / (1 + k2);
  }
  template <scalar T>
  T slope(T x, T z) const {
    T const d = x - z, k2 = square_of_k(d), below = (1 + k2) * (1 + k2);
    return a<T>() * k2 > b<T>() ? a<T>() * k2 * d * (4 + 2 * k2) / below : 2 * b<T>() * d / below;
  }

 private:
  template <scalar T>
  T square_of_k(T d) const {
    T const k = 2 * d / static_cast<T>(samples);
    return k * k;
  }
  template <scalar T>
  T a() const {
    return balance >= 1 ? T(1) : 1 / static_cast<T>(balance);
  }
  template <scalar T>
  T b() const {
    return balance >= 1 ? static_cast<T>(balance) : T(1);
  }
};

template <scalar T, class Curve>
struct pointwise_loss_op {
  Curve curve;
  T const* target;

  void forward(tape<T>& t, node<T> const& y) const {
    T const* const x = t.value(y.in[0]);
    index_t const n = t.shape(y.in[0]).count();
    T sum = 0;
    for (index_t i = 0; i < n; ++i) sum += curve.value(x[i], target[i]);
    *y.value = sum / static_cast<T>(n);
  }
  void pullback(tape<T>& t, node<T> const& y) const {
    T* const g = t.add_to(y.in[0]);
    if (g == nullptr) return;
    T const* const x = t.value(y.in[0]);
    index_t const n = t.shape(y.in[0]).count();
    T const scale = *y.grad / static_cast<T>(n);
    for (index_t i = 0; i < n; ++i) g[i] += scale * curve.slope(x[i], target[i]);
  }
  static var example(tape<T>& t, random& r) {
    T* const z = t.template take<T>(12);
    for (index_t i = 0; i < 12; ++i) z[i] = static_cast<T>(r.uniform());
    var const x = draw(t, r, {4, 3});
    return t.push(pointwise_loss_op{Curve{}, z}, {1}, {x});
  }
};

// target: as many as x has, of type T or float; outlives the step. Throws: shape_error for an x without numbers.
template <scalar T, class Curve, scalar U>
var pointwise_loss(tape<T>& t, var x, U const* target, Curve const& curve) {
  index_t const n = t.shape(x).count();
  if (n < 1) throw_error<shape_error>({"pointwise_loss: expected at least one output, found none"});
  if constexpr (std::same_as<T, U>) {
    return t.push(pointwise_loss_op<T, Curve>{curve, target}, {1}, {x});
  } else {
    T* const z = t.template take<T>(n);
    for (index_t i = 0; i < n; ++i) z[i] = static_cast<T>(target[i]);
    return t.push(pointwise_loss_op<T, Curve>{curve, z}, {1}, {x});
  }
}

}  // namespace petra::ops
