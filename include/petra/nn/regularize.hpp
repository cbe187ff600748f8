// Regularizers: terms of a loss that depend on the weights alone. `loss::cross_entropy{} + 1e-4f * regularize::group_lasso{}`
// (nn/loss_terms.hpp) trains with one, and every term's value is logged apart.
//
// They act on the matrices and factors that the tape met, one pass over a weight for value and gradient after the backward
// sweep: as ops on the tape each would read every weight twice, and `adaptive` needs the gradient of the loss, which is known
// only then. On biases, norms and step sizes none acts.
//
// A term has a name and add(weight, view) -> value: adds weight * d value / d w to the gradient and returns the value without
// the weight. A user's own is such a struct. Sums run in 16 lanes whatever the instruction set. Deterministic.
#pragma once
#include <algorithm>
#include <cmath>
#include <concepts>

#include "petra/kernel/simd/softmax.hpp"
#include "petra/nn/parameters.hpp"

namespace petra::inline PETRA_ABI {

// A weight and its gradient, (rows, cols); rows are output channels.
template <scalar T>
struct weight_view {
  index_t rows, cols;
  T const* w;
  T* gradient;
  nn::parameter_kind kind = nn::parameter_kind::matrix;
};

template <class R>
concept regularizer = requires(R const& r, weight_view<float> const& v) {
  { R::name } -> std::convertible_to<char const*>;
  { r.add(1.f, v) } -> std::convertible_to<double>;
};
// Its gradient is a function of the loss's: it comes before the others, which would change what it reads.
template <class R>
concept reads_gradient = regularizer<R> && requires {
  requires R::reads_loss_gradient;
};

namespace regularize {

namespace detail {

// Sum of f(i) for i in [0, n) in 16 partial sums, which the compiler keeps in vectors.
template <scalar T, class F>
double sum_of(index_t n, F f) {
  constexpr index_t lanes = 16;
  T part[lanes] = {};
  index_t i = 0;
  for (; i + lanes <= n; i += lanes)
    for (index_t l = 0; l < lanes; ++l) part[l] += f(i + l);
  for (; i < n; ++i) part[i % lanes] += f(i);
  double sum = 0;
  for (T const p : part) sum += static_cast<double>(p);
  return sum;
}
template <scalar T>
T sign(T x) {
  return static_cast<T>((x > 0) - (x < 0));
}
// x = e^x, in place; of floats by the vectors of the kernels, 7 times as fast.
template <scalar T>
void exponentials(index_t n, T* x) {
  if constexpr (std::same_as<T, float>)
    kernel::simd::exp_of_row(x, n, 0.f, x);
  else
    for (index_t i = 0; i < n; ++i) x[i] = std::exp(x[i]);
}
// sum over rows of value(norm of the row), where slope(norm) is d value / d norm divided by the norm.
template <scalar T, class Value, class Slope>
double each_row(T weight, weight_view<T> const& v, Value value, Slope slope) {
  double sum = 0;
  for (index_t r = 0; r < v.rows; ++r) {
    T const* const w = v.w + r * v.cols;
    T* const g = v.gradient + r * v.cols;
    double const norm = std::sqrt(sum_of<T>(v.cols, [w](index_t i) { return w[i] * w[i]; }));
    sum += value(norm);
    if (norm == 0) continue;  // a kink: 0 is one of its subgradients
    T const scale = weight * static_cast<T>(slope(norm));
    for (index_t i = 0; i < v.cols; ++i) g[i] += scale * w[i];
  }
  return sum;
}

}  // namespace detail

// sum |w|. Source: Tibshirani, "Regression shrinkage and selection via the lasso", 1996.
struct l1 {
  static constexpr char const* name = "l1";
  template <scalar T>
  double add(T weight, weight_view<T> const& v) const {
    index_t const n = v.rows * v.cols;
    for (index_t i = 0; i < n; ++i) v.gradient[i] += weight * detail::sign(v.w[i]);
    return detail::sum_of<T>(n, [w = v.w](index_t i) { return std::abs(w[i]); });
  }
};

// sum w^2. What an optimizer calls weight decay of d is d / 2 of this.
struct l2 {
  static constexpr char const* name = "l2";
  template <scalar T>
  double add(T weight, weight_view<T> const& v) const {
    index_t const n = v.rows * v.cols;
    for (index_t i = 0; i < n; ++i) v.gradient[i] += 2 * weight * v.w[i];
    return detail::sum_of<T>(n, [w = v.w](index_t i) { return w[i] * w[i]; });
  }
};

// sum over output channels of sqrt(K) ||w_o||_2: whole channels become zero, which structured pruning then cuts.
// Source: Yuan, Lin, "Model selection and estimation in regression with grouped variables", 2006; on filters: Wen et al.,
// "Learning structured sparsity in deep neural networks", NIPS 2016.
struct group_lasso {
  static constexpr char const* name = "group_lasso";
  template <scalar T>
  double add(T weight, weight_view<T> const& v) const {
    double const size = std::sqrt(static_cast<double>(v.cols));
    return detail::each_row(
        weight, v, [=](double norm) { return size * norm; }, [=](double norm) { return size / norm; });
  }
};

// (sum |w|)^2 / sum w^2: the number of weights if all are equal, 1 if one alone is left; the same for w and 10 w.
// Source: Yang, Wen, Li, "DeepHoyer: learning sparser neural networks with differentiable sparsity measures", ICLR 2020, eq. 3.
struct hoyer {
  static constexpr char const* name = "hoyer";
  template <scalar T>
  double add(T weight, weight_view<T> const& v) const {
    index_t const n = v.rows * v.cols;
    double const one = detail::sum_of<T>(n, [w = v.w](index_t i) { return std::abs(w[i]); });
    double const two = detail::sum_of<T>(n, [w = v.w](index_t i) { return w[i] * w[i]; });
    if (two == 0) return 0;
    double const ratio = one / two;
    T const a = weight * static_cast<T>(2 * ratio), b = weight * static_cast<T>(2 * ratio * ratio);
    for (index_t i = 0; i < n; ++i) v.gradient[i] += a * detail::sign(v.w[i]) - b * v.w[i];
    return one * ratio;
  }
};

// ||u^T u - 1||^2 of a left factor (O,r), ||v v^T - 1||^2 of a right one (r,K): factors that stay orthogonal waste no rank.
// Other weights are left alone.
// Source: Bansal, Chen, Wang, "Can we gain more from orthogonality regularizations in training deep networks?", NeurIPS 2018,
// sec. 3.1; of factors: Yang et al., "Learning low-rank deep neural networks via singular vector orthogonality
// regularization and singular value sparsification", CVPR workshops 2020.
struct orthogonality {
  static constexpr char const* name = "orthogonality";
  template <scalar T>
  double add(T weight, weight_view<T> const& v) const {
    bool const left = v.kind == nn::parameter_kind::left_factor;
    if (!left && v.kind != nn::parameter_kind::right_factor) return 0;
    // Vector i of the rank: a column of u, a row of v.
    index_t const rank = left ? v.cols : v.rows, length = left ? v.rows : v.cols;
    index_t const apart = left ? 1 : v.cols, step = left ? v.cols : 1;
    double sum = 0;
    for (index_t i = 0; i < rank; ++i)
      for (index_t j = 0; j <= i; ++j) {
        T const *const a = v.w + i * apart, *const b = v.w + j * apart;
        double const dot = detail::sum_of<T>(length, [=](index_t k) { return a[k * step] * b[k * step]; });
        double const off = dot - (i == j ? 1. : 0.);
        sum += (i == j ? 1. : 2.) * off * off;
        T const scale = 4 * weight * static_cast<T>(off);
        T *const ga = v.gradient + i * apart, *const gb = v.gradient + j * apart;
        for (index_t k = 0; k < length; ++k) {
          ga[k * step] += scale * b[k * step];
          if (i != j) gb[k * step] += scale * a[k * step];
        }
      }
    return sum;
  }
};

// sum over output channels of (1 - ||w_o||_2)^2.
// Source: Georgiou et al., "Norm loss: an efficient yet effective regularization method for deep neural networks", ICPR 2020;
// one of the regularizers of Revin et al., arXiv 2510.09566.
struct norm_loss {
  static constexpr char const* name = "norm_loss";
  template <scalar T>
  double add(T weight, weight_view<T> const& v) const {
    return detail::each_row(
        weight, v, [](double norm) { return (1 - norm) * (1 - norm); },
        [](double norm) { return 2 * (norm - 1) / norm; });
  }
};

// sum e^{-|g|} w^2, g the gradient of the loss: weights that the loss does not ask for decay, the others less.
// Source: Revin et al., arXiv 2510.09566 ("adaptive regularization").
// Differs: g counts as a constant. There the gradient of e^{-|g|} is taken, too, which needs second derivatives; and there it
// acts on biases as well.
struct adaptive {
  static constexpr char const* name = "adaptive";
  static constexpr bool reads_loss_gradient = true;
  template <scalar T>
  double add(T weight, weight_view<T> const& v) const {
    constexpr index_t block = 64;
    index_t const n = v.rows * v.cols;
    double sum = 0;
    for (index_t first = 0; first < n; first += block) {
      index_t const many = std::min(block, n - first);
      T const* const w = v.w + first;
      T* const g = v.gradient + first;
      T share[block];
      for (index_t i = 0; i < many; ++i) share[i] = -std::abs(g[i]);
      detail::exponentials(many, share);
      sum += detail::sum_of<T>(many, [&](index_t i) { return share[i] * w[i] * w[i]; });
      for (index_t i = 0; i < many; ++i) g[i] += 2 * weight * share[i] * w[i];
    }
    return sum;
  }
};

static_assert(regularizer<l1> && regularizer<l2> && regularizer<group_lasso> && regularizer<hoyer> &&
              regularizer<orthogonality> && regularizer<norm_loss> && reads_gradient<adaptive>);

}  // namespace regularize
}  // namespace petra
