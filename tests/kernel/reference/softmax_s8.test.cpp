#include "petra/kernel/reference/softmax_s8.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "petra/core/random.hpp"

namespace {

using namespace petra::kernel;

TEST_CASE("softmax_s8: the exponential within 2^-22, the inverse within 2^-27") {
  for (std::int64_t t = 0; t < std::int64_t{31} << 26; t += 1234567) {
    double const want = std::exp(-static_cast<double>(t) * 0x1p-26);
    CHECK(std::fabs(fixed_point::exp_of_negative(static_cast<std::int32_t>(t)) * 0x1p-31 - want) < 0x1p-22);
  }
  for (std::int64_t a = 0; a < std::int64_t{1} << 31; a += 7654321)
    CHECK(std::fabs(fixed_point::inverse_of_one_plus(static_cast<std::int32_t>(a)) * 0x1p-31 -
                    1 / (1 + static_cast<double>(a) * 0x1p-31)) < 0x1p-27);
}

TEST_CASE("softmax_s8: rows by hand") {
  // exp(-scale d) = 2^-d for scale = ln 2: multiplier ln 2 * 2^31, shift 26.
  softmax_s8_dims const d{2, 4, 1488522236, 26};
  std::int8_t const x[] = {5, 4, 3, 3, -128, -128, 127, -128};
  std::int8_t y[8];
  softmax_s8(scalar_tag{}, d, x, y);
  std::int8_t const want[] = {0, -64, -96, -96, -128, -128, 127, -128};
  for (int i = 0; i < 8; ++i) CHECK(y[i] == want[i]);
}

TEST_CASE("softmax_s8: within 0.52 steps of the softmax, 128 taken as 127") {
  petra::random r(1);
  for (int round = 0; round < 300; ++round) {
    auto const n = static_cast<int>(1 + r.index(round % 10 == 0 ? 500 : 40));
    double const scale = 0.002 * (1 + static_cast<double>(r.index(100)));
    int log2 = 0;
    double factor = scale * 0x1p26;
    for (; factor >= 1; factor /= 2) ++log2;
    softmax_s8_dims const d{1, n, static_cast<std::int32_t>(factor * 0x1p31), log2};
    std::vector<std::int8_t> x(static_cast<std::size_t>(n)), y(x.size());
    for (auto& e : x) e = static_cast<std::int8_t>(r.index(256) - 128);
    softmax_s8(scalar_tag{}, d, x.data(), y.data());
    double sum = 0;
    for (auto e : x) sum += std::exp(scale * e);
    for (std::size_t i = 0; i < x.size(); ++i) {
      double const p = 256 * std::exp(scale * x[i]) / sum;
      REQUIRE(std::fabs(y[i] + 128 - (p > 255 ? 255 : p)) <= 0.52);
    }
  }
}

TEST_CASE("softmax_s8: more than 512 equal ones are nothing each") {
  std::vector<std::int8_t> const x(1000, std::int8_t{7});
  std::vector<std::int8_t> y(1000);
  softmax_s8(scalar_tag{}, {1, 1000, 1 << 30, 20}, x.data(), y.data());
  for (std::int8_t e : y) REQUIRE(e == -128);
}

}  // namespace
