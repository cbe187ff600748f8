// runtime/layer_norm_f32.hpp against the specification in double; operands end at protected pages.
#include "petra/runtime/layer_norm_f32.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "../kernel/guarded_page.hpp"
#include "petra/core/random.hpp"
#include "petra/kernel/reference/layer_norm.hpp"

namespace {

using namespace petra;

bool agrees(index_t rows, index_t cols, bool residual, float offset, bool in_place = false) {
  petra::random r(key(8, rows, cols));
  guarded::array<float> x(rows * cols), add(rows * cols), y(rows * cols), gamma(cols), beta(cols);
  for (index_t i = 0; i < x.size(); ++i) x[i] = offset + r.normal(), add[i] = r.normal();
  for (index_t i = 0; i < cols; ++i) gamma[i] = r.uniform(-2.f, 2.f), beta[i] = r.normal();
  std::vector<double> want(static_cast<std::size_t>(rows * cols)), g(gamma.data(), gamma.data() + cols),
      b(beta.data(), beta.data() + cols);
  for (index_t i = 0; i < x.size(); ++i)
    want[static_cast<std::size_t>(i)] = static_cast<double>(residual ? x[i] + add[i] : x[i]);
  kernel::layer_norm(kernel::scalar_tag{}, rows, cols, static_cast<double>(1e-5f), want.data(), g.data(), b.data(),
                     want.data());
  if (in_place)
    for (index_t i = 0; i < x.size(); ++i) y[i] = x[i];
  rt::layer_norm_f32(rt::layer_norm_shape{rows, cols}, in_place ? y.data() : x.data(), residual ? add.data() : nullptr,
                     gamma.data(), beta.data(), y.data());
  // The mean is off by eps times its size, seen against a deviation of at least sqrt(epsilon) (one column) or about 1.
  double const scale = cols < 4 ? 400 : 20 + static_cast<double>(cols);
  for (index_t i = 0; i < x.size(); ++i)
    if (!(std::fabs(static_cast<double>(y[i]) - want[static_cast<std::size_t>(i)]) <=
          0x1p-23 * scale * (4 + std::fabs(static_cast<double>(offset)))))
      return false;
  return true;
}

TEST_CASE("layer_norm_f32: lengths x residual x offsets") {
  index_t const n = rt::f32_lanes;
  for (index_t const cols : {index_t{1}, index_t{3}, index_t{7}, n - 1, n, n + 1, 4 * n / 3, 8 * n + 2})
    for (index_t const rows : {1, 5})
      for (bool const residual : {false, true})
        for (float const offset : {0.f, 10.f}) {
          CAPTURE(cols);
          CAPTURE(residual);
          REQUIRE(agrees(rows, cols, residual, offset));
          REQUIRE(agrees(rows, cols, residual, offset, true));
        }
}

TEST_CASE("layer_norm_f32: many shapes") {
  petra::random r(key(9));
  for (int i = 0; i < 10000; ++i)
    REQUIRE(agrees(1 + r.index(3), 4 + r.index(i % 8 == 0 ? 150 : 20), i % 2 == 0, r.uniform(-2.f, 2.f)));
}

TEST_CASE("layer_norm_f32: constant rows become beta") {
  float x[33], gamma[33], beta[33], y[33];
  for (int i = 0; i < 33; ++i) x[i] = 3.f, gamma[i] = 2.f, beta[i] = static_cast<float>(i);
  rt::layer_norm_f32(rt::layer_norm_shape{1, 33}, x, nullptr, gamma, beta, y);
  for (int i = 0; i < 33; ++i) CHECK(y[i] == doctest::Approx(static_cast<double>(i)).epsilon(1e-3));
}

}  // namespace
