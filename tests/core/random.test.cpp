#include "petra/core/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <set>
#include <vector>

namespace {

using petra::index_t;
using petra::key;

// The outputs of SplitMix64 seeded with 0 and 1234567, computed by the published algorithm.
static_assert(petra::mix(0) == 0xe220a8397b1dcdafu);
static_assert(petra::mix(1234567) == 6457827717110365317u);
// FNV-1a test vectors of its authors.
static_assert(petra::hash("") == 0xcbf29ce484222325u && petra::hash("a") == 0xaf63dc4c8601ec8cu);
static_assert(petra::hash("foobar") == 0x85944171f73967e8u);
static_assert(petra::hash("bar", petra::hash("foo")) == petra::hash("foobar"));

static_assert(key(1, 2, 3) != key(1, 3, 2) && key(1, 0) != key(1) && key(0, 1) != key(1, 0));

constexpr bool a_stream_is_a_function_of_its_key() {
  petra::random a(key(7, 1)), b(key(7, 1)), c(key(7, 2));
  bool differs = false;
  for (int i = 0; i < 8; ++i) {
    auto const x = a.next();
    if (x != b.next()) return false;
    differs = differs || x != c.next();
  }
  return differs;
}
static_assert(a_stream_is_a_function_of_its_key());

}  // namespace

TEST_CASE("random: equal keys give equal streams") { CHECK(a_stream_is_a_function_of_its_key()); }

TEST_CASE("random: keys of many parts do not collide") {
  std::set<std::uint64_t> keys;
  for (int seed = 0; seed < 10; ++seed)
    for (int candidate = 0; candidate < 10; ++candidate)
      for (int stage = 0; stage < 10; ++stage) keys.insert(key(static_cast<std::uint64_t>(seed), candidate, stage));
  CHECK(keys.size() == 1000);
}

TEST_CASE("random: uniform lies in [0, 1) with the right mean and spread") {
  petra::random r(1);
  double sum = 0, squares = 0;
  int const n = 100000;
  for (int i = 0; i < n; ++i) {
    float const u = r.uniform();
    REQUIRE(u >= 0.f);
    REQUIRE(u < 1.f);
    sum += u;
    squares += static_cast<double>(u) * u;
  }
  double const mean = sum / n;
  CHECK(mean == doctest::Approx(0.5).epsilon(0.01));  // six standard errors are 0.0055
  CHECK(squares / n - mean * mean == doctest::Approx(1.0 / 12).epsilon(0.02));
  for (int i = 0; i < 1000; ++i) {
    float const v = r.uniform(-3.f, 5.f);
    REQUIRE(v >= -3.f);
    REQUIRE(v <= 5.f);
  }
}

TEST_CASE("random: index hits every value of [0, n) about equally often") {
  petra::random r(2);
  std::array<int, 7> hits{};
  for (int i = 0; i < 70000; ++i) ++hits.at(static_cast<std::size_t>(r.index(7)));
  for (int const h : hits) CHECK(std::abs(h - 10000) < 600);  // six standard deviations: 556
  CHECK(r.index(1) == 0);
}

TEST_CASE("random: normal has mean 0, deviation 1 and both tails, and is always finite") {
  petra::random r(3);
  double sum = 0, squares = 0;
  int beyond_two = 0, below_minus_two = 0;
  int const n = 100000;
  for (int i = 0; i < n; ++i) {
    double const z = r.normal();
    REQUIRE(std::isfinite(z));
    sum += z;
    squares += z * z;
    beyond_two += z > 2;
    below_minus_two += z < -2;
  }
  CHECK(std::abs(sum / n) < 0.02);
  CHECK(squares / n == doctest::Approx(1).epsilon(0.03));
  CHECK(beyond_two == doctest::Approx(2275).epsilon(0.15));
  CHECK(below_minus_two == doctest::Approx(2275).epsilon(0.15));
}

TEST_CASE("random: shuffle is a permutation, another one for another key, the same for the same") {
  auto const shuffled = [](std::uint64_t k) {
    std::vector<int> v(50);
    std::iota(v.begin(), v.end(), 0);
    petra::random(k).shuffle(std::span<int>(v));
    return v;
  };
  auto const a = shuffled(1);
  CHECK(a == shuffled(1));
  CHECK(a != shuffled(2));
  auto sorted = a;
  std::sort(sorted.begin(), sorted.end());
  CHECK(sorted != a);
  for (int i = 0; i < 50; ++i) CHECK(sorted[static_cast<std::size_t>(i)] == i);
}

TEST_CASE("random: all 6 orders of 3 elements are equally likely") {
  std::array<int, 6> hits{};
  for (std::uint64_t k = 0; k < 6000; ++k) {
    std::array<int, 3> v{0, 1, 2};
    petra::random(key(4, k)).shuffle(std::span<int>(v));
    ++hits.at(static_cast<std::size_t>(v[0] * 2 + (v[1] > v[2])));
  }
  for (int const h : hits) CHECK(std::abs(h - 1000) < 175);  // six standard deviations: 173
}
