// runtime/softmax_f32.hpp against the specification in double; operands end at protected pages.
#include "petra/runtime/softmax_f32.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "../kernel/guarded_page.hpp"
#include "petra/core/random.hpp"
#include "petra/kernel/reference/softmax.hpp"

namespace {

using namespace petra;

bool agrees(index_t rows, index_t cols, float size, bool in_place = false) {
  petra::random r(key(5, rows, cols));
  guarded::array<float> x(rows * cols), y(rows * cols);
  for (index_t i = 0; i < x.size(); ++i) x[i] = r.uniform(-size, size);
  std::vector<double> want(x.data(), x.data() + x.size());
  kernel::softmax(kernel::scalar_tag{}, rows, cols, want.data(), want.data());
  if (in_place)
    for (index_t i = 0; i < x.size(); ++i) y[i] = x[i];
  rt::softmax_f32(rt::rows_shape{rows, cols}, in_place ? y.data() : x.data(), y.data());
  // The exponent's argument is rounded once, relative to the largest.
  double const relative = 0x1p-24 * (8 + 4 * static_cast<double>(size));
  for (index_t i = 0; i < x.size(); ++i) {
    double const w = want[static_cast<std::size_t>(i)];
    if (!(std::fabs(static_cast<double>(y[i]) - w) <= relative * w + 1e-37)) return false;
  }
  return true;
}

TEST_CASE("softmax_f32: lengths x rows") {
  index_t const n = rt::f32_lanes;
  for (index_t const cols : {index_t{1}, index_t{3}, index_t{7}, n - 1, n, n + 1, 4 * n / 3, 8 * n + 2})
    for (index_t const rows : {1, 2, 5})
      for (float const size : {0.1f, 3.f, 40.f, 200.f}) {
        CAPTURE(cols);
        CAPTURE(rows);
        CAPTURE(size);
        REQUIRE(agrees(rows, cols, size));
        REQUIRE(agrees(rows, cols, size, true));
      }
}

TEST_CASE("softmax_f32: many shapes") {
  petra::random r(key(6));
  for (int i = 0; i < 10000; ++i)
    REQUIRE(agrees(1 + r.index(3), 1 + r.index(i % 8 == 0 ? 150 : 20), r.uniform(0.f, 9.f)));
}

TEST_CASE("softmax_f32: infinities and NaN") {
  float const infinity = std::numeric_limits<float>::infinity();
  float x[20], y[20];
  for (float& e : x) e = 1.f;
  x[3] = -infinity;
  rt::softmax_f32(rt::rows_shape{1, 20}, x, y);
  CHECK(y[3] == 0.f);
  CHECK(y[0] == doctest::Approx(1 / 19.));
  x[3] = std::numeric_limits<float>::quiet_NaN();
  rt::softmax_f32(rt::rows_shape{1, 20}, x, y);
  CHECK(std::isnan(y[0]));
  x[3] = infinity;
  rt::softmax_f32(rt::rows_shape{1, 20}, x, y);
  CHECK(std::isnan(y[3]));
}

}  // namespace
