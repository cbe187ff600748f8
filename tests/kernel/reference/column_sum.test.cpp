#include "petra/kernel/reference/column_sum.hpp"

#include <doctest/doctest.h>

#include <array>

namespace {

template <class T>
constexpr bool by_hand() {
  std::array<T, 6> const x{1, 2, 3, 4, 5, 6};
  std::array<T, 2> sum{100, 200};
  petra::kernel::column_sum(petra::kernel::scalar_tag{}, 3, 2, x.data(), sum.data());
  petra::kernel::column_sum(petra::kernel::scalar_tag{}, 0, 2, x.data(), sum.data());
  return sum == std::array<T, 2>{109, 212};
}
static_assert(by_hand<float>() && by_hand<double>());

}  // namespace

TEST_CASE("column_sum, reference: by hand, accumulating") {
  CHECK(by_hand<float>());
  CHECK(by_hand<double>());
}
