#include "petra/nn/schedule.hpp"

#include <doctest/doctest.h>

using doctest::Approx;

TEST_CASE("cosine: from 1 over the middle to its end") {
  petra::cosine const f;
  CHECK(f(0) == 1);
  CHECK(f(0.5f) == Approx(0.5));
  CHECK(f(1.f / 3) == Approx(0.75));
  CHECK(f(1) == Approx(0).epsilon(1e-6));
  petra::cosine const g{.end = 0.2f};
  CHECK(g(1) == Approx(0.2));
  CHECK(g(0.5f) == Approx(0.6));
}

TEST_CASE("one_cycle: a line up, a cosine down") {
  petra::one_cycle const f;
  CHECK(f(0) == Approx(0.1));
  CHECK(f(0.125f) == Approx(0.55));
  CHECK(f(0.25f) == Approx(1));
  CHECK(f(0.625f) == Approx(0.5 + 0.5 * 0.001));
  CHECK(f(1) == Approx(0.001));
  float before = 2;
  for (int i = 26; i <= 100; ++i) {
    float const now = f(static_cast<float>(i) / 100);
    CHECK(now < before);
    before = now;
  }
}

TEST_CASE("one_cycle: without a warm-up it is the cosine") {
  petra::one_cycle const f{.warm_up = 0, .end = 0};
  for (int i = 0; i <= 10; ++i)
    CHECK(f(static_cast<float>(i) / 10) == Approx(petra::cosine{}(static_cast<float>(i) / 10)));
}
