#include "petra/data/normalization.hpp"

#include <doctest/doctest.h>

#include <cmath>

using petra::data::fit_normalization;
using petra::data::normalization;

TEST_CASE("normalization: statistics of each channel against values by hand") {
  // Two channels: {0, 51, 102} and {255, 255, 0}.
  std::uint8_t const x[] = {0, 255, 51, 255, 102, 0};
  normalization const fit = fit_normalization(x, 3, 2);
  REQUIRE(fit.mean.size() == 2);
  CHECK(fit.mean[0] == doctest::Approx(0.2));
  CHECK(fit.mean[1] == doctest::Approx(2. / 3));
  CHECK(fit.deviation[0] == doctest::Approx(0.2 * std::sqrt(2. / 3)));
  CHECK(fit.deviation[1] == doctest::Approx(std::sqrt(2.) / 3));
}

TEST_CASE("normalization: fitted pixels have mean 0 and deviation 1 in each channel") {
  std::vector<std::uint8_t> x;
  for (int i = 0; i < 300; ++i) x.push_back(static_cast<std::uint8_t>(i * i % (100 + 50 * (i % 3))));
  std::vector<float> out(x.size());
  fit_normalization(x.data(), 100, 3).apply(x.data(), 100, 3, out.data());
  for (std::size_t c = 0; c < 3; ++c) {
    double sum = 0, square = 0;
    for (std::size_t p = 0; p < 100; ++p) {
      sum += static_cast<double>(out[p * 3 + c]);
      square += static_cast<double>(out[p * 3 + c]) * static_cast<double>(out[p * 3 + c]);
    }
    CHECK(std::abs(sum / 100) < 1e-5);
    CHECK(std::abs(square / 100 - 1) < 1e-5);
  }
}

TEST_CASE("normalization: empty means pixels / 255") {
  std::uint8_t const x[] = {0, 51, 255};
  float out[3];
  normalization{}.apply(x, 3, 1, out);
  CHECK(out[0] == 0.f);
  CHECK(out[1] == 51.f / 255.f);
  CHECK(out[2] == 1.f);
}

TEST_CASE("normalization: a constant channel becomes 0, not NaN; black too") {
  std::uint8_t const x[] = {0, 77, 0, 77, 0, 77};
  normalization const fit = fit_normalization(x, 3, 2);
  CHECK(fit.deviation == std::vector<float>{1, 1});
  float out[6];
  fit.apply(x, 3, 2, out);
  for (float const v : out) CHECK(std::abs(v) < 1e-6f);
}

TEST_CASE("normalization: without a pixel there is nothing to fit") {
  CHECK_THROWS_WITH_AS(static_cast<void>(fit_normalization(nullptr, 0, 1)),
                       "fit_normalization: expected at least one pixel and one channel, found 0 and 1",
                       petra::setting_error);
}
