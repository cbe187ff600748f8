#include "petra/kernel/reference/arithmetic.hpp"

#include <doctest/doctest.h>

#include <array>

namespace {

template <class T>
constexpr bool by_hand() {
  using v = std::array<T, 3>;
  petra::kernel::scalar_tag const tag;
  v const a{1, 2, 3}, b{10, 20, 30};
  v sum{}, product{}, total{100, 200, 300}, both{100, 200, 300};
  petra::kernel::add(tag, 3, a.data(), b.data(), sum.data());
  petra::kernel::multiply(tag, 3, a.data(), b.data(), product.data());
  petra::kernel::add_to(tag, 3, a.data(), total.data());
  petra::kernel::multiply_add(tag, 3, a.data(), b.data(), both.data());
  return sum == v{11, 22, 33} && product == v{10, 40, 90} && total == v{101, 202, 303} && both == v{110, 240, 390};
}
static_assert(by_hand<float>() && by_hand<double>());

}  // namespace

TEST_CASE("arithmetic, reference: by hand") {
  CHECK(by_hand<float>());
  CHECK(by_hand<double>());
}
