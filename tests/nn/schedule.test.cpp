#include "petra/nn/schedule.hpp"

#include <doctest/doctest.h>

#include <vector>

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

TEST_CASE("warm_up, step_decay and constant_rate: by hand") {
  petra::warm_up const w{.until = 0.5f, .start = 0.2f};
  CHECK(w(0) == Approx(0.2));
  CHECK(w(0.25f) == Approx(0.6));
  CHECK(w(0.5f) == 1);
  CHECK(petra::warm_up{.until = 0}(0) == 1);
  petra::step_decay const s{};
  CHECK(s(0) == 1);
  CHECK(s(0.33f) == 1);
  CHECK(s(0.34f) == Approx(0.1));
  CHECK(s(0.99f) == Approx(0.01));
  CHECK(petra::constant_rate{}(0.7f) == 1);
}

TEST_CASE("plateau: falls when epochs in a row had no better score") {
  petra::plateau const f{.factor = 0.5f, .patience = 2};
  auto after = [&](std::vector<double> const& scores) { return f(scores); };
  CHECK(after({}) == 1);
  CHECK(after({3, 2}) == 1);
  CHECK(after({3, 2, 3}) == 0.5f);  // as good is not better
  CHECK(after({3, 2, 3, 1}) == 0.5f);
  CHECK(after({3, 2, 3, 1, 2}) == 0.25f);
  CHECK(after({3, 2, 4, 1}) == 1);
  double const scores[] = {-1, -1, -1};
  CHECK(petra::rate_factor(f, 0.9f, scores) == 0.5f);
  CHECK(petra::rate_factor(petra::cosine{}, 0.5f, scores) == Approx(0.5));
}
