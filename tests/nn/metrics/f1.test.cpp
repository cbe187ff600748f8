#include "petra/nn/metrics/f1.hpp"

#include <doctest/doctest.h>

#include "../../thrown.hpp"

using namespace petra;

namespace {

// Logits (N,C) whose largest is the given class.
std::vector<float> taken_for(std::vector<std::int32_t> const& classes, index_t count) {
  std::vector<float> x(classes.size() * static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < classes.size(); ++i)
    x[i * static_cast<std::size_t>(count) + static_cast<std::size_t>(classes[i])] = 1;
  return x;
}

}  // namespace

TEST_CASE("binary_f1: by hand") {
  std::vector<std::int32_t> const labels{1, 1, 1, 1, 0, 0, 0}, said{1, 1, 1, 0, 1, 0, 0};
  // TP 3, FP 1, FN 1
  CHECK(metric::binary_f1{}(taken_for(said, 2), labels, 2) == doctest::Approx(0.75).epsilon(1e-12));
  // Of class 0: TP 2, FP 1, FN 1
  CHECK(metric::binary_f1{.positive = 0}(taken_for(said, 2), labels, 2) == doctest::Approx(2. / 3).epsilon(1e-12));
  CHECK(metric::binary_f1{}(taken_for({0, 0, 0, 0, 0, 0, 0}, 2), labels, 2) == 0);
  CHECK(metric::binary_f1{}(taken_for(labels, 2), labels, 2) == 1);
}

TEST_CASE("binary_f1: without a positive sample it is not defined") {
  std::vector<std::int32_t> const none{0, 0};
  CHECK(petra_test::thrown<setting_error>([&] {
          static_cast<void>(metric::binary_f1{}(taken_for({0, 1}, 2), none, 2));
        }) == "binary_f1: expected at least one sample of class 1, found none of 2; F1 is not defined without one");
  CHECK(petra_test::thrown<setting_error>([&] {
          static_cast<void>(metric::binary_f1{.positive = 2}(taken_for({0, 1}, 2), none, 2));
        }) == "binary_f1: positive must lie in [0, 2), found 2");
}

TEST_CASE("macro_f1: every class that occurs counts the same") {
  std::vector<std::int32_t> const labels{0, 0, 0, 0, 1, 2}, said{0, 0, 0, 1, 1, 0};
  // F1 of 0: 6/8, of 1: 2/3, of 2: 0; class 3 does not occur.
  CHECK(metric::macro_f1{}(taken_for(said, 4), labels, 4) == doctest::Approx((0.75 + 2. / 3) / 3).epsilon(1e-12));
  // A class that is only predicted occurs.
  std::vector<std::int32_t> const said3{0, 0, 0, 3, 1, 0};
  CHECK(metric::macro_f1{}(taken_for(said3, 4), labels, 4) == doctest::Approx((0.75 + 1) / 4).epsilon(1e-12));
}
