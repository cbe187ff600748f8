// kernel/simd/softmax.hpp against the specification in double; operands end at protected pages.
#include "petra/kernel/simd/softmax.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "../../runtime/guarded_operand.hpp"
#include "petra/core/random.hpp"

namespace {

using namespace petra;
using kernel::best;
using kernel::scalar_tag;

bool agrees(index_t rows, index_t cols, float size, bool in_place = false) {
  petra::random r(key(5, rows, cols));
  guarded::operand<float> x(rows * cols), y(rows * cols), dy(rows * cols), dx(rows * cols);
  for (float& e : x.span()) e = r.uniform(-size, size);
  for (float& e : dy.span()) e = r.uniform(-1.f, 1.f);
  for (float& e : dx.span()) e = r.uniform(-1.f, 1.f);
  std::vector<double> const exact(x.data(), x.data() + x.size());
  std::vector<double> want(exact.size());
  kernel::softmax(scalar_tag{}, rows, cols, exact.data(), want.data());
  if (in_place) std::copy_n(x.data(), x.size(), y.data());
  kernel::softmax(best, rows, cols, in_place ? y.data() : x.data(), y.data());
  for (index_t i = 0; i < x.size(); ++i) {
    auto const at = static_cast<std::size_t>(i);
    double const top = *std::max_element(exact.begin() + i / cols * cols, exact.begin() + (i / cols + 1) * cols);
    double const relative = 0x1p-24 * (8 + (top - exact[at]) + static_cast<double>(cols) / 8);
    if (!(std::fabs(static_cast<double>(y[i]) - want[at]) <= relative * want[at] + 1e-37)) return false;
  }
  // The gradient, of the results as they are.
  std::vector<double> const p(y.data(), y.data() + y.size()), d(dy.data(), dy.data() + dy.size());
  std::vector<double> grad(dx.data(), dx.data() + dx.size());
  std::vector<double> const before = grad;
  kernel::softmax_backward(scalar_tag{}, rows, cols, p.data(), d.data(), grad.data());
  kernel::softmax_backward(best, rows, cols, y.data(), dy.data(), dx.data());
  for (index_t i = 0; i < x.size(); ++i) {
    auto const at = static_cast<std::size_t>(i);
    double const bound = 0x1p-24 * ((4 + static_cast<double>(cols)) * 2 * p[at] + 2 * std::fabs(before[at]));
    if (!(std::fabs(static_cast<double>(dx[i]) - grad[at]) <= bound + 1e-37)) return false;
  }
  return true;
}

TEST_CASE("softmax, softmax_backward: lengths x rows") {
  index_t const n = kernel::simd::lanes;
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

TEST_CASE("softmax, softmax_backward: many shapes") {
  petra::random r(key(6));
  for (int i = 0; i < 10000; ++i)
    REQUIRE(agrees(1 + r.index(3), 1 + r.index(i % 8 == 0 ? 150 : 20), r.uniform(0.f, 9.f)));
}

TEST_CASE("softmax: a row has the same bits whatever surrounds it") {
  petra::random r(key(7));
  for (index_t const cols : {3, 16, 21, 40}) {
    std::vector<float> x(static_cast<std::size_t>(9 * cols)), y(x.size()), row(static_cast<std::size_t>(cols));
    for (float& e : x) e = r.uniform(-4.f, 4.f);
    kernel::softmax(best, 9, cols, x.data(), y.data());
    for (index_t i = 0; i < 9; ++i) {
      kernel::softmax(best, 1, cols, x.data() + i * cols, row.data());
      REQUIRE(std::equal(row.begin(), row.end(), y.begin() + i * cols));
    }
  }
}

TEST_CASE("softmax: infinities and NaN") {
  float const infinity = std::numeric_limits<float>::infinity();
  float x[20], y[20];
  for (float& e : x) e = 1.f;
  x[3] = -infinity;
  kernel::softmax(best, 1, 20, x, y);
  CHECK(y[3] == 0.f);
  CHECK(y[0] == doctest::Approx(1 / 19.));
  for (float const bad : {infinity, std::numeric_limits<float>::quiet_NaN()})
    for (int const place : {3, 18}) {
      std::fill_n(x, 20, 1.f);
      x[place] = bad;
      kernel::softmax(best, 1, 20, x, y);
      CHECK(std::isnan(y[place]));
    }
}

}  // namespace
