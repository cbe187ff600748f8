// kernel/simd/self_attention.hpp against the specification in double.
#include "petra/kernel/simd/self_attention.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "petra/core/random.hpp"

namespace {

using petra::index_t;
using petra::kernel::best;
using petra::kernel::scalar_tag;
using petra::kernel::self_attention_dims;

// Largest |a - b|; infinite for NaN.
double attention_error(std::vector<float> const& a, std::vector<double> const& b) {
  double worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    double const e = std::abs(static_cast<double>(a[i]) - b[i]);
    if (!(e <= worst)) worst = std::isnan(e) ? HUGE_VAL : e;
  }
  return worst;
}

bool attention_agrees(self_attention_dims const& d, bool add) {
  petra::random r(petra::key(3, d.steps, d.heads, d.width));
  auto random_floats = [&](index_t n) {
    std::vector<float> v(static_cast<std::size_t>(n));
    for (float& x : v) x = r.uniform(-1.f, 1.f);
    return v;
  };
  auto const qkv = random_floats(d.steps * d.qkv_row()), dy = random_floats(d.steps * d.y_row());
  auto dqkv = random_floats(d.steps * d.qkv_row());
  std::vector<float> p(static_cast<std::size_t>(d.heads * d.steps * d.steps), NAN), y(dy.size(), NAN);
  std::vector<double> const exact(qkv.begin(), qkv.end()), exact_dy(dy.begin(), dy.end());
  std::vector<double> want_p(p.size()), want(y.size()), want_d(dqkv.begin(), dqkv.end());
  petra::kernel::workspace scratch;
  petra::kernel::self_attention(best, d, qkv.data(), p.data(), y.data(), scratch);
  petra::kernel::self_attention(scalar_tag{}, d, exact.data(), want_p.data(), want.data(), scratch);
  petra::kernel::self_attention_backward(best, d, qkv.data(), p.data(), dy.data(), dqkv.data(), add, scratch);
  petra::kernel::self_attention_backward(scalar_tag{}, d, exact.data(), want_p.data(), exact_dy.data(), want_d.data(),
                                         add, scratch);
  // All numbers lie in [-1, 1], scores in [-sqrt(W), sqrt(W)]; a gradient is a sum over the steps.
  double const eps = 0x1p-23, w = static_cast<double>(d.width), t = static_cast<double>(d.steps);
  return attention_error(p, want_p) <= eps * (8 + w) && attention_error(y, want) <= eps * (8 + w) &&
         attention_error(dqkv, want_d) <= eps * (8 + w) * (4 + t);
}

TEST_CASE("self_attention: steps x heads x widths x causal against the reference") {
  for (index_t const steps : {1, 2, 7, 15, 16, 17, 33, 64})
    for (index_t const heads : {1, 2, 3})
      for (index_t const width : {1, 4, 8, 16, 17})
        for (bool const causal : {false, true}) {
          CAPTURE(steps);
          CAPTURE(heads);
          CAPTURE(width);
          CAPTURE(causal);
          REQUIRE(attention_agrees({steps, heads, width, causal}, heads == 2));
        }
}

TEST_CASE("self_attention: no steps touch nothing") {
  petra::kernel::workspace scratch;
  petra::kernel::self_attention(best, {0, 2, 4, false}, nullptr, nullptr, nullptr, scratch);
  petra::kernel::self_attention_backward(best, {0, 2, 4, true}, nullptr, nullptr, nullptr, nullptr, false, scratch);
}

}  // namespace
