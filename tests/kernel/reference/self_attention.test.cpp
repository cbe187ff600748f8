// kernel/reference/self_attention.hpp: the attention that ships, a causal one, and gradients by central differences.
#include "petra/kernel/reference/self_attention.hpp"

#include <doctest/doctest.h>

#include "petra/core/random.hpp"
#include "petra/kernel/reference/attention.hpp"

namespace {

using petra::index_t;
using petra::kernel::scalar_tag;
using petra::kernel::self_attention_dims;

std::vector<double> attention_numbers(index_t n, std::uint64_t key) {
  petra::random r(key);
  std::vector<double> v(static_cast<std::size_t>(n));
  for (double& x : v) x = static_cast<double>(r.normal());
  return v;
}

TEST_CASE("self_attention: is the attention that ships on one projection") {
  index_t const steps = 5, heads = 2, width = 3, part = heads * width;
  auto const qkv = attention_numbers(steps * 3 * part, 1);
  std::vector<double> p(heads * steps * steps), y(steps * part), want(y);
  petra::kernel::workspace scratch;
  petra::kernel::self_attention(scalar_tag{}, {steps, heads, width, false}, qkv.data(), p.data(), y.data(), scratch);
  petra::kernel::attention(scalar_tag{}, {steps, steps, heads, width, 3 * part, 3 * part}, qkv.data(),
                           qkv.data() + part, qkv.data() + 2 * part, want.data());
  for (std::size_t i = 0; i < y.size(); ++i) CHECK(y[i] == doctest::Approx(want[i]).epsilon(1e-12));
}

TEST_CASE("self_attention: a causal step gives what it gives as the last of a shorter sequence") {
  index_t const steps = 4, part = 4;
  auto const qkv = attention_numbers(steps * 3 * part, 2);
  std::vector<double> p(2 * steps * steps), y(steps * part), shorter(y), q(p);
  petra::kernel::workspace scratch;
  petra::kernel::self_attention(scalar_tag{}, {steps, 2, 2, true}, qkv.data(), p.data(), y.data(), scratch);
  for (index_t n = 1; n <= steps; ++n) {
    petra::kernel::self_attention(scalar_tag{}, {n, 2, 2, false}, qkv.data(), q.data(), shorter.data(), scratch);
    for (index_t c = (n - 1) * part; c < n * part; ++c)
      CHECK(y[static_cast<std::size_t>(c)] == doctest::Approx(shorter[static_cast<std::size_t>(c)]).epsilon(1e-12));
  }
  CHECK(p[steps] == 0);  // the first step does not see the second
}

TEST_CASE("self_attention_backward: central differences; added or assigned") {
  for (bool const causal : {false, true}) {
    self_attention_dims const d{3, 2, 2, causal};
    auto qkv = attention_numbers(3 * 12, 3);
    auto const dy = attention_numbers(3 * 4, 4), before = attention_numbers(3 * 12, 5);
    std::vector<double> p(18), y(12), dqkv(36), added(before);
    petra::kernel::workspace scratch;
    auto loss = [&] {
      petra::kernel::self_attention(scalar_tag{}, d, qkv.data(), p.data(), y.data(), scratch);
      double sum = 0;
      for (std::size_t i = 0; i < y.size(); ++i) sum += y[i] * dy[i];
      return sum;
    };
    loss();
    petra::kernel::self_attention_backward(scalar_tag{}, d, qkv.data(), p.data(), dy.data(), dqkv.data(), false,
                                           scratch);
    petra::kernel::self_attention_backward(scalar_tag{}, d, qkv.data(), p.data(), dy.data(), added.data(), true,
                                           scratch);
    for (std::size_t i = 0; i < qkv.size(); ++i) {
      double const was = qkv[i];
      qkv[i] = was + 1e-5;
      double const above = loss();
      qkv[i] = was - 1e-5;
      double const below = loss();
      qkv[i] = was;
      CHECK(dqkv[i] == doctest::Approx((above - below) / 2e-5).epsilon(1e-6));
      CHECK(added[i] == doctest::Approx(before[i] + dqkv[i]).epsilon(1e-12));
    }
  }
}

}  // namespace
