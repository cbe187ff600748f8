#include "petra/nn/metrics/bootstrap.hpp"

#include <doctest/doctest.h>

#include "../../thrown.hpp"
#include "petra/nn/metrics/accuracy.hpp"
#include "petra/nn/metrics/auc.hpp"
#include "petra/nn/metrics/regression.hpp"

using namespace petra;

namespace {

// n samples of class i % 2 with noisy logits: the larger the noise, the worse.
std::vector<float> noisy(index_t n, float noise, std::uint64_t seed) {
  std::vector<float> x;
  petra::random r(seed);
  for (index_t i = 0; i < n; ++i) {
    x.push_back(0);
    x.push_back((i % 2 == 1 ? 1.f : -1.f) + noise * r.normal());
  }
  return x;
}
std::vector<std::int32_t> alternating(index_t n) {
  std::vector<std::int32_t> y;
  for (index_t i = 0; i < n; ++i) y.push_back(static_cast<std::int32_t>(i % 2));
  return y;
}
template <class T>
std::span<T const> all_of(std::vector<T> const& v) {
  return v;
}

}  // namespace

TEST_CASE("bootstrap: an interval of accuracy is that of a binomial") {
  auto const y = alternating(400);
  auto const x = noisy(400, 1.f, 3);
  auto const i = metric::bootstrap(metric::accuracy{}, all_of(x), all_of(y), 2);
  CHECK(i.value == metric::accuracy{}(x, y, 2));
  double const half = 1.96 * std::sqrt(i.value * (1 - i.value) / 400);
  CHECK(i.low == doctest::Approx(i.value - half).epsilon(0.01));
  CHECK(i.high == doctest::Approx(i.value + half).epsilon(0.01));
}

TEST_CASE("bootstrap: the same seed gives the same interval, a wider level a wider one") {
  auto const y = alternating(100);
  auto const x = noisy(100, 1.f, 3);
  auto const of = [&](metric::bootstrap_settings const& s) {
    return metric::bootstrap(metric::auc{}, all_of(x), all_of(y), 2, s);
  };
  auto const a = of({.resamples = 200}), b = of({.resamples = 200}), c = of({.resamples = 200, .seed = 2});
  CHECK(a.low == b.low);
  CHECK(a.high == b.high);
  CHECK(a.low != c.low);
  auto const wide = of({.resamples = 200, .level = 0.99});
  CHECK(wide.low < a.low);
  CHECK(wide.high > a.high);
}

TEST_CASE("bootstrap_difference: pairs see what single intervals do not") {
  index_t const n = 300;
  auto const y = alternating(n);
  auto const a = noisy(n, 1.5f, 3);
  auto b = a;  // worse in 4 of 100 samples, the same in all others
  for (std::size_t i = 0; i < b.size(); i += 50) std::swap(b[i], b[i + 1]), b[i + 1] -= 2 * b[i];
  auto const of_a = metric::bootstrap(metric::auc{}, all_of(a), all_of(y), 2, {.resamples = 300});
  auto const none = metric::bootstrap_difference(metric::auc{}, all_of(a), all_of(a), all_of(y), 2, {.resamples = 300});
  CHECK(none.value == 0);
  CHECK(none.low == 0);
  CHECK(none.high == 0);
  auto const d = metric::bootstrap_difference(metric::auc{}, all_of(a), all_of(b), all_of(y), 2, {.resamples = 300});
  CHECK(d.value == metric::auc{}(a, y, 2) - metric::auc{}(b, y, 2));
  CHECK(d.low < d.value);
  CHECK(d.value < d.high);
  CHECK(d.high - d.low < of_a.high - of_a.low);
}

TEST_CASE("bootstrap: numbers to predict") {
  std::vector<float> x, y;
  petra::random r(1);
  for (int i = 0; i < 400; ++i) x.push_back(r.normal()), y.push_back(0);
  auto const i = metric::bootstrap(metric::rmse{}, all_of(x), all_of(y), 2);
  CHECK(i.low < i.value);
  CHECK(i.value < i.high);
  CHECK(i.high - i.low == doctest::Approx(4 * i.value / std::sqrt(2. * 400)).epsilon(0.15));
}

TEST_CASE("bootstrap: resamples of one class are drawn anew, and where most are it is an error") {
  std::vector<float> const x{0, 1, 0, 2, 0, 3, 0, 0};
  std::vector<std::int32_t> const one{1, 0, 0, 0};  // in (3/4)^4 = 0.32 of the resamples there is no positive sample
  auto const i = metric::bootstrap(metric::auc{}, all_of(x), all_of(one), 2, {.resamples = 100});
  CHECK(i.value == doctest::Approx(1. / 3));
  std::vector<float> const two{0, 1, 0, 2};
  std::vector<std::int32_t> const few{1, 0};
  CHECK(petra_test::thrown<setting_error>([&] {
          // Half of all resamples have one class.
          auto const s = metric::bootstrap_settings{.resamples = 20};
          static_cast<void>(metric::detail::resampled(
              2, s, 0, [&](std::span<index_t const>) -> double { throw setting_error("never defined"); }));
        }) == "never defined");
  CHECK(metric::bootstrap(metric::auc{}, all_of(two), all_of(few), 2, {.resamples = 100}).high == 0);
}

TEST_CASE("bootstrap: settings outside their range") {
  std::vector<float> const x{0, 1, 0, 2};
  std::vector<std::int32_t> const y{1, 0};
  auto const of = [&](metric::bootstrap_settings const& s) {
    return petra_test::thrown<setting_error>(
        [&] { static_cast<void>(metric::bootstrap(metric::accuracy{}, all_of(x), all_of(y), 2, s)); });
  };
  CHECK(petra_test::says(of({.resamples = 19}), "bootstrap: resamples must be >= 20", "found 19 and 0.95"));
  CHECK(petra_test::says(of({.level = 1}), "level in (0, 1), found 1000 and 1.0"));
}
