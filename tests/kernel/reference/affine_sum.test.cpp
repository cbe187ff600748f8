#include "petra/kernel/reference/affine_sum.hpp"

#include <doctest/doctest.h>

#include <array>

namespace {

template <class T>
constexpr bool affine_sum_by_hand() {
  using petra::kernel::affine_sum;
  petra::kernel::scalar_tag const tag{};
  std::array<T, 4> const x{1, 2, 3, 4}, z{10, -20, -30, 40};
  std::array<T, 2> const center{1, 2}, scale{2, 3}, shift{5, -7};
  petra::kernel::affine_term<T> const normal{x.data(), center.data(), scale.data(), shift.data()}, plain{z.data()},
      nothing{};
  std::array<T, 4> y{};
  affine_sum(tag, 2, 2, normal, nothing, false, y.data());
  bool good = y == std::array<T, 4>{5, -7, 9, -1};
  affine_sum(tag, 2, 2, normal, nothing, true, y.data());
  good = good && y == std::array<T, 4>{5, 0, 9, 0};
  affine_sum(tag, 2, 2, normal, plain, true, y.data());
  good = good && y == std::array<T, 4>{15, 0, 0, 39};
  affine_sum(tag, 2, 2, plain, normal, false, y.data());
  good = good && y == std::array<T, 4>{15, -27, -21, 39};
  affine_sum(tag, 2, 2, normal, normal, false, y.data());
  return good && y == std::array<T, 4>{10, -14, 18, -2};
}
static_assert(affine_sum_by_hand<float>() && affine_sum_by_hand<double>());

}  // namespace

TEST_CASE("affine_sum, reference: by hand") {
  CHECK(affine_sum_by_hand<float>());
  CHECK(affine_sum_by_hand<double>());
}
