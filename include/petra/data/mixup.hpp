// Mixup: a batch is replaced by blends of pairs of its samples, and the loss is blended alike.
//
// Source: Zhang, Cisse, Dauphin, Lopez-Paz, "mixup: beyond empirical risk minimization", ICLR 2018, equation 1:
// x = a x_i + (1 - a) x_j, a ~ Beta(alpha, alpha), one a for a batch as in the paper's own program. The loss of a
// sample is a loss(y_i) + (1 - a) loss(y_j), the same as that of the blended one-hot labels for cross-entropy.
// Properties: in place; the partner of sample i of n is n - 1 - i, so no order has to be kept, and the middle one of an
// odd batch stays as it is. Batches are in a random order anyway, so these pairs are random. A function of the key
// alone.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>

#include "petra/core/error.hpp"
#include "petra/core/random.hpp"

namespace petra::inline PETRA_ABI::data {

struct mixup {
  float alpha = 0.2f;  // 0.2: mostly near one of the two samples; 1: any blend alike

  // Throws: setting_error.
  void check() const {
    if (!(alpha > 0 && alpha <= 1)) throw_error<setting_error>({"mixup: alpha must lie in (0, 1], found ", alpha});
  }

  // The share `a` in [0, 1] of a batch. Source: Johnk's method for Beta(alpha, alpha) with alpha <= 1 (Devroye,
  // Non-uniform random variate generation, 1986, IX.3.5), with logarithms: u^(1/alpha) alone underflows for a small
  // alpha.
  [[nodiscard]] float share(std::uint64_t batch_key) const {
    petra::random r(key(batch_key, 0x6d69787570u));
    auto const of = 1. / static_cast<double>(alpha);
    for (;;) {
      // 1 - uniform lies in (0, 1].
      double const x = of * std::log(1. - static_cast<double>(r.uniform()));
      double const y = of * std::log(1. - static_cast<double>(r.uniform()));
      double const larger = std::max(x, y), sum = larger + std::log(std::exp(x - larger) + std::exp(y - larger));
      if (sum <= 0) return static_cast<float>(std::exp(x - sum));
    }
  }
};

// The sample of a batch of n that is blended into sample i.
[[nodiscard]] constexpr index_t mix_partner(index_t i, index_t n) { return n - 1 - i; }

// x (n,count), in place: x_i = a x_i + (1 - a) x_j with j = mix_partner(i, n). Also for numbers to predict.
inline void mix(float* x, index_t n, index_t count, float a) {
  float const b = 1 - a;
  for (index_t i = 0; i < n / 2; ++i) {
    float* const first = x + i * count;
    float* const second = x + mix_partner(i, n) * count;
    for (index_t k = 0; k < count; ++k) {
      float const u = first[k], v = second[k];
      first[k] = a * u + b * v;
      second[k] = a * v + b * u;
    }
  }
}

// partner (n) = the classes of the samples blended in: the loss is a loss(y) + (1 - a) loss(partner).
inline void mix_classes(std::int32_t const* y, index_t n, std::int32_t* partner) {
  for (index_t i = 0; i < n; ++i) partner[i] = y[mix_partner(i, n)];
}

}  // namespace petra::data
