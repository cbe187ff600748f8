// Mean Kullback-Leibler divergence of what a student says from what a teacher says, both softened by a temperature:
// loss = T^2 / N sum_n sum_c q_nc (log q_nc - log p_nc),  p = softmax(x / T), q = softmax(z / T); x, z (N,C) logits.
// The factor T^2 keeps the gradients as large as those of hard labels. z gets no gradient.
// Source: Hinton, Vinyals, Dean, "Distilling the knowledge in a neural network", 2015, sec. 2.
#pragma once
#include <cmath>

#include "petra/grad/ops/example.hpp"
#include "petra/kernel/simd/softmax.hpp"

namespace petra::inline PETRA_ABI::ops {

template <scalar T>
struct divergence_op {
  T const* teacher;  // (N,C) logits
  T temperature;
  T* off;  // (N,C): p - q

  void forward(tape<T>& t, node<T> const& y) const {
    auto const& x = t[y.in[0]];
    index_t const n = x.shape.rows(), c = x.shape.back();
    T* const q = t.take(x.shape.count());
    for (index_t i = 0; i < n * c; ++i) off[i] = x.value[i] / temperature, q[i] = teacher[i] / temperature;
    T sum = 0;
    for (index_t i = 0; i < n; ++i) {
      // log q - log p = (z - x) / T - (log sum e^(z / T) - log sum e^(x / T)); sum q = 1.
      T between = log_sum(off + i * c, c) - log_sum(q + i * c, c);
      T mean = 0;
      kernel::softmax(kernel::best, 1, c, q + i * c, q + i * c);
      for (index_t j = i * c; j < (i + 1) * c; ++j) mean += q[j] * (teacher[j] / temperature - off[j]);
      sum += mean + between;
    }
    kernel::softmax(kernel::best, n, c, off, off);
    for (index_t i = 0; i < n * c; ++i) off[i] -= q[i];
    *y.value = temperature * temperature * sum / static_cast<T>(n);
  }
  // d / dx = T (p - q) / N
  void pullback(tape<T>& t, node<T> const& y) const {
    T* const g = t.add_to(y.in[0]);
    if (g == nullptr) return;
    auto const& s = t.shape(y.in[0]);
    T const scale = *y.grad * temperature / static_cast<T>(s.rows());
    for (index_t i = 0; i < s.count(); ++i) g[i] += scale * off[i];
  }
  static var example(tape<T>& t, random& r);

 private:
  static T log_sum(T const* x, index_t c) {
    T top = x[0], sum = 0;
    for (index_t j = 1; j < c; ++j) top = std::max(top, x[j]);
    for (index_t j = 0; j < c; ++j) sum += std::exp(x[j] - top);
    return top + std::log(sum);
  }
};

// teacher: as many logits as the student has, of type T or float; outlives the step.
// Throws: setting_error unless temperature > 0.
template <scalar T, scalar U>
var divergence(tape<T>& t, var logits, U const* teacher, T temperature) {
  if (!(temperature > 0)) throw_error<setting_error>({"divergence: temperature must be > 0, found ", temperature});
  index_t const n = t.shape(logits).count();
  T const* z;
  if constexpr (std::same_as<T, U>) {
    z = teacher;
  } else {
    T* const copy = t.template take<T>(n);
    for (index_t i = 0; i < n; ++i) copy[i] = static_cast<T>(teacher[i]);
    z = copy;
  }
  return t.push(divergence_op<T>{z, temperature, t.take(n)}, {1}, {logits});
}

template <scalar T>
var divergence_op<T>::example(tape<T>& t, random& r) {
  T* const z = t.template take<T>(12);
  for (index_t i = 0; i < 12; ++i) z[i] = static_cast<T>(r.normal());
  var const x = draw(t, r, {3, 4});
  return divergence(t, x, z, T(2));
}

}  // namespace petra::ops
