#include "petra/nn/metrics/log_loss.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace petra;

TEST_CASE("log_loss: by hand") {
  std::vector<float> const x{0, 0, 0, std::log(3.f)};  // probabilities 1/2 1/2 and 1/4 3/4
  CHECK(metric::log_loss{}(x, std::vector<std::int32_t>{0, 1}, 2) ==
        doctest::Approx((std::log(2.) + std::log(4. / 3)) / 2).epsilon(1e-7));
  CHECK(metric::log_loss{}(x, std::vector<std::int32_t>{1, 0}, 2) ==
        doctest::Approx((std::log(2.) + std::log(4.)) / 2).epsilon(1e-7));
  // Every class the same: the logarithm of their number.
  CHECK(metric::log_loss{}(std::vector<float>(7, 5.f), std::vector<std::int32_t>{3}, 7) ==
        doctest::Approx(std::log(7.)).epsilon(1e-12));
}

TEST_CASE("log_loss: sure and wrong is large and finite") {
  CHECK(metric::log_loss{}(std::vector<float>{1e30f, -1e30f}, std::vector<std::int32_t>{1}, 2) ==
        doctest::Approx(2e30).epsilon(1e-6));
  CHECK(metric::log_loss{}(std::vector<float>{1e30f, -1e30f}, std::vector<std::int32_t>{0}, 2) == 0);
}
