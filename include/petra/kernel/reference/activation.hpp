// Activations of arrays and their gradients, the specification. ReLU has its own (kernel/reference/relu.hpp).
//
// activations::  sigmoid   1 / (1 + exp(-x))                       slope y (1 - y)
//                tanh                                              slope (1 - y) (1 + y)
//                gelu      x Phi(x), Phi the normal distribution   slope Phi(x) + x phi(x)
//                gelu_tanh x s(u(x)), u = 2 sqrt(2 / pi) (x + 0.044715 x^3), s = sigmoid
//                                                                  slope s(u) + x s(u) s(-u) u'
//                silu      x s(x)                                  slope s(x) (1 + x s(-x))
//                relu6     min(max(x, 0), 6)                       slope 1 inside, 0 at the kinks
//                hard_swish x relu6(x + 3) / 6                     slope (2 x + 3) / 6 inside, 0 and 1 outside
//                leaky_relu x, below 0 below * x                   slope 1 or `below`, which it has at 0
//
// `slope` is a function of y where `of_result` says so, else of x. At infinities both are the limits. NaN stays NaN.
// Source: Hendrycks, Gimpel, "Gaussian error linear units", 2016, section 2 (gelu, gelu_tanh, silu);
// Howard et al., "Searching for MobileNetV3", ICCV 2019, section 5.2 (hard_swish).
#pragma once
#include <cmath>

#include "petra/core/concepts.hpp"
#include "petra/core/extents.hpp"
#include "petra/kernel/tags.hpp"

namespace petra::inline PETRA_ABI::kernel {

namespace activations {

// a p, 0 for p = 0 whatever a is.
template <scalar T>
T product(T a, T p) {
  return p == 0 ? T(0) : a * p;
}
template <scalar T>
T logistic(T x) {
  T const e = std::exp(-std::abs(x));
  return (x < 0 ? e : T(1)) / (1 + e);
}

struct sigmoid {
  static constexpr bool of_result = true;
  template <scalar T>
  static T of(T x) {
    return logistic(x);
  }
  template <scalar T>
  static T slope(T y) {
    return y * (1 - y);
  }
};

struct tanh {
  static constexpr bool of_result = true;
  template <scalar T>
  static T of(T x) {
    return std::tanh(x);
  }
  template <scalar T>
  static T slope(T y) {
    return (1 - y) * (1 + y);
  }
};

struct gelu {
  static constexpr bool of_result = false;
  template <scalar T>
  static T below(T x) {
    return T(0.5) * std::erfc(x * T(-0.70710678118654752440));
  }
  template <scalar T>
  static T of(T x) {
    return product(x, below(x));
  }
  template <scalar T>
  static T slope(T x) {
    return below(x) + product(x, std::exp(x * x * T(-0.5)) * T(0.39894228040143267794));
  }
};

struct gelu_tanh {
  static constexpr bool of_result = false;
  template <scalar T>
  static T argument(T x) {
    return T(1.5957691216057307117) * (x + T(0.044715) * x * x * x);
  }
  template <scalar T>
  static T of(T x) {
    return product(x, logistic(argument(x)));
  }
  template <scalar T>
  static T slope(T x) {
    T const u = argument(x), rise = T(1.5957691216057307117) * (1 + T(3 * 0.044715) * x * x);
    return logistic(u) + product(x * rise, logistic(u) * logistic(-u));
  }
};

struct silu {
  static constexpr bool of_result = false;
  template <scalar T>
  static T of(T x) {
    return product(x, logistic(x));
  }
  template <scalar T>
  static T slope(T x) {
    return product(1 + product(x, logistic(-x)), logistic(x));
  }
};

struct relu6 {
  static constexpr bool of_result = true;
  template <scalar T>
  static constexpr T of(T x) {
    return x < 0 ? T(0) : x > 6 ? T(6) : x;
  }
  template <scalar T>
  static constexpr T slope(T y) {
    return y > 0 && y < 6 ? T(1) : T(0);
  }
};

struct hard_swish {
  static constexpr bool of_result = false;
  template <scalar T>
  static constexpr T of(T x) {
    return x <= -3 ? T(0) : x >= 3 ? x : x * (x + 3) * T(1.0 / 6);
  }
  template <scalar T>
  static constexpr T slope(T x) {
    return x <= -3 ? T(0) : x >= 3 ? T(1) : x * T(1.0 / 3) + T(0.5);
  }
};

struct leaky_relu {
  static constexpr bool of_result = false;
  float below = 0.01f;  // slope for x <= 0
  template <scalar T>
  [[nodiscard]] constexpr T of(T x) const {
    return x < 0 ? static_cast<T>(below) * x : x;
  }
  template <scalar T>
  [[nodiscard]] constexpr T slope(T x) const {
    return x > 0 ? T(1) : static_cast<T>(below);
  }
};

}  // namespace activations

// y = f(x). Assigns y, which may be x.
template <class F, scalar T>
void activate(scalar_tag, index_t n, T const* x, T* y, F f = {}) {
  for (index_t i = 0; i < n; ++i) y[i] = f.of(x[i]);
}

// dx += dy f'(x). at: y where F::of_result, else x. Accumulates into dx.
template <class F, scalar T>
void activate_backward(scalar_tag, index_t n, T const* at, T const* dy, T* dx, F f = {}) {
  for (index_t i = 0; i < n; ++i) dx[i] += dy[i] * f.slope(at[i]);
}

}  // namespace petra::kernel
