#include "petra/data/mixup.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using petra::data::mixup;

TEST_CASE("mixup: samples are blended with their partner, the middle one stays") {
  std::vector<float> x{0, 10, 100, 200, 4, 20};
  petra::data::mix(x.data(), 3, 2, 0.75f);
  CHECK(x == std::vector<float>{1, 12.5f, 100, 200, 3, 17.5f});
  std::int32_t const y[] = {5, 6, 7};
  std::int32_t partner[3];
  petra::data::mix_classes(y, 3, partner);
  CHECK(std::vector<std::int32_t>(partner, partner + 3) == std::vector<std::int32_t>{7, 6, 5});
}

TEST_CASE("mixup: the ends are the samples themselves and their partners") {
  std::vector<float> const x{1, 2, 3, 4};
  std::vector<float> all = x, none = x;
  petra::data::mix(all.data(), 4, 1, 1);
  petra::data::mix(none.data(), 4, 1, 0);
  CHECK(all == x);
  CHECK(none == std::vector<float>{4, 3, 2, 1});
}

TEST_CASE("mixup: the share follows Beta(alpha, alpha)") {
  for (float const alpha : {0.02f, 0.2f, 0.5f, 1.f}) {
    CAPTURE(alpha);
    constexpr int n = 20000;
    double mean = 0, square = 0;
    for (int i = 0; i < n; ++i) {
      auto const a = static_cast<double>(mixup{alpha}.share(static_cast<std::uint64_t>(i)));
      REQUIRE(a >= 0);
      REQUIRE(a <= 1);
      mean += a / n;
      square += (a - 0.5) * (a - 0.5) / n;
    }
    // Mean 1/2, variance 1 / (4 (2 alpha + 1)); its standard error is below 1 %.
    CHECK(std::abs(mean - 0.5) < 0.015);
    CHECK(square == doctest::Approx(1 / (4 * (2 * static_cast<double>(alpha) + 1))).epsilon(0.03));
  }
}

TEST_CASE("mixup: a function of the key, and settings are checked") {
  CHECK(mixup{}.share(1) == mixup{}.share(1));
  CHECK_FALSE(mixup{}.share(1) == mixup{}.share(2));
  CHECK_NOTHROW(mixup{}.check());
  for (float const alpha : {0.f, -1.f, 1.5f, std::nanf("")}) {
    CAPTURE(alpha);
    CHECK_THROWS_AS(mixup{alpha}.check(), petra::setting_error);
  }
}
