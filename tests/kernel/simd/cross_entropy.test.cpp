// kernel/simd/cross_entropy.hpp against the specification in double; operands end at protected pages.
#include "petra/kernel/simd/cross_entropy.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <vector>

#include "../../runtime/guarded_operand.hpp"
#include "petra/core/random.hpp"

namespace {

using namespace petra;
using kernel::best;
using kernel::scalar_tag;

bool agrees(index_t rows, index_t cols, float size, float smoothing) {
  petra::random r(key(5, rows, cols));
  guarded::operand<float> x(rows * cols), p(rows * cols), dx(rows * cols);
  guarded::operand<std::int32_t> label(rows);
  for (float& e : x.span()) e = r.uniform(-size, size);
  for (float& e : dx.span()) e = r.uniform(-1.f, 1.f);
  for (std::int32_t& e : label.span()) e = static_cast<std::int32_t>(r.index(cols));
  std::vector<double> const exact(x.data(), x.data() + x.size());
  std::vector<double> want(exact.size()), grad(dx.data(), dx.data() + dx.size());
  auto const s = static_cast<double>(smoothing);
  double const loss = kernel::cross_entropy(scalar_tag{}, rows, cols, exact.data(), label.data(), s, want.data());
  float const got = kernel::cross_entropy(best, rows, cols, x.data(), label.data(), smoothing, p.data());
  double const eps = 0x1p-24 * (16 + static_cast<double>(rows + cols)), range = 2 * static_cast<double>(size);
  if (!(std::fabs(static_cast<double>(got) - loss) <= eps * (1 + range + std::log(static_cast<double>(cols)))))
    return false;
  kernel::cross_entropy_backward(scalar_tag{}, rows, cols, want.data(), label.data(), s, 0.5, grad.data());
  kernel::cross_entropy_backward(best, rows, cols, p.data(), label.data(), smoothing, 0.5f, dx.data());
  for (index_t i = 0; i < x.size(); ++i) {
    auto const at = static_cast<std::size_t>(i);
    if (!(std::fabs(static_cast<double>(p[i]) - want[at]) <= (eps + 0x1p-24 * range) * want[at] + 1e-37)) return false;
    if (!(std::fabs(static_cast<double>(dx[i]) - grad[at]) <= (eps + 0x1p-24 * range) * 2)) return false;
  }
  return true;
}

TEST_CASE("cross_entropy: lengths x rows x smoothing") {
  index_t const n = kernel::simd::lanes;
  for (index_t const cols : {index_t{1}, index_t{3}, index_t{10}, n - 1, n, n + 1, 4 * n / 3, 8 * n + 2})
    for (index_t const rows : {1, 2, 64})
      for (float const smoothing : {0.f, 0.1f})
        for (float const size : {0.1f, 3.f, 40.f}) {
          CAPTURE(cols);
          CAPTURE(rows);
          CAPTURE(size);
          REQUIRE(agrees(rows, cols, size, smoothing));
        }
}

TEST_CASE("cross_entropy: many shapes") {
  petra::random r(key(6));
  for (int i = 0; i < 10000; ++i)
    REQUIRE(agrees(1 + r.index(3), 1 + r.index(i % 8 == 0 ? 100 : 20), r.uniform(0.f, 9.f), i % 2 == 0 ? 0.1f : 0.f));
}

TEST_CASE("cross_entropy: large logits do not overflow, and NaN is not hidden") {
  std::int32_t const label[] = {0, 1};
  float const large[] = {1000, 0, -1000, 1000};
  float p[4];
  CHECK(kernel::cross_entropy(best, 2, 2, large, label, 0.f, p) == 0.f);
  for (float const bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    float x[20] = {}, q[20];
    x[17] = bad;
    CHECK(std::isnan(kernel::cross_entropy(best, 1, 20, x, label, 0.f, q)));
  }
}

}  // namespace
