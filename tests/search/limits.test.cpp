#include "petra/search/limits.hpp"

#include <doctest/doctest.h>

#include <limits>

namespace {

using namespace petra::search;
constexpr double inf = std::numeric_limits<double>::infinity();

scores costs(double latency_ns, petra::index_t size_bytes, petra::index_t peak) {
  return {.quality = 0, .latency_ns = latency_ns, .size_bytes = size_bytes, .peak_activation_bytes = peak};
}

TEST_CASE("limits: without bounds everything is allowed") {
  CHECK_FALSE(violation({}, costs(1e300, 1'000'000'000, 1'000'000'000)).has_value());
  CHECK(excess({}, costs(inf, 1, 1)) == 0);
}

TEST_CASE("limits: a bound includes its own value, and the sentence says what broke") {
  limits const l{.size_bytes = 4096, .peak_activation_bytes = 1000, .latency_ns = 2000.0};
  CHECK_FALSE(violation(l, costs(2000, 4096, 1000)).has_value());
  CHECK(violation(l, costs(2000, 4097, 1000)).value() == "size: at most 4096 bytes allowed, found 4097");
  CHECK(violation(l, costs(2000, 4096, 1001)).value() == "peak activations: at most 1000 bytes allowed, found 1001");
  CHECK(violation(l, costs(2500, 4096, 1000)).value() == "latency: at most 2000 ns allowed, found 2500");
  CHECK(violation(l, costs(2500, 9999, 9999)).value() == "size: at most 4096 bytes allowed, found 9999");
}

TEST_CASE("limits: the excess is the sum of the relative excesses") {
  limits const l{.size_bytes = 4000, .peak_activation_bytes = 1000, .latency_ns = 2000.0};
  CHECK(excess(l, costs(2000, 4000, 1000)) == 0);
  CHECK(excess(l, costs(3000, 4000, 0)) == doctest::Approx(0.5));
  CHECK(excess(l, costs(3000, 8000, 1250)) == doctest::Approx(0.5 + 1 + 0.25));
  // A latency that is no number breaks a bound on it.
  CHECK(excess(l, costs(std::numeric_limits<double>::quiet_NaN(), 1, 1)) == inf);
  CHECK(violation(l, costs(inf, 1, 1)).value() == "latency: at most 2000 ns allowed, found inf");
}

TEST_CASE("limits: settings are checked") {
  limits l;
  CHECK_NOTHROW(check(l));
  l.size_bytes = 0;
  CHECK_THROWS_AS(check(l), petra::setting_error);
  l = {};
  l.peak_activation_bytes = -5;
  CHECK_THROWS_AS(check(l), petra::setting_error);
  l = {};
  l.latency_ns = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH_AS(check(l), doctest::Contains("limits: latency_ns must be positive"), petra::setting_error);
}

}  // namespace
