// kernel/reference/dense_s8.hpp: by hand.
#include <doctest/doctest.h>

#include <array>

#include "petra/kernel/reference/dense_s8.hpp"

namespace {

using namespace petra;

constexpr std::array<std::int8_t, 3> x{11, 12, 13};           // 1, 2, 3 above the zero point 10
constexpr std::array<std::int8_t, 6> w{1, 1, 1, 2, 0, -127};  // (O, C)
constexpr std::array<std::int32_t, 2> bias{4, 9};             // sums 10 and -370
constexpr kernel::dense_s8_dims dims{.c = 3, .o = 2, .in_zero = 10, .out_zero = -1};

constexpr bool multiplies() {
  std::array<std::int32_t, 2> const multiplier{1 << 30, 1 << 30};
  std::array<std::int8_t, 2> const shift{0, -1};
  std::array<std::int8_t, 2> y{};
  kernel::dense_s8(kernel::scalar_tag{}, dims, x.data(), w.data(), bias.data(), multiplier.data(), shift.data(),
                   y.data());
  return y == std::array<std::int8_t, 2>{4, -93};  // 5 - 1, -92.5 -> -92 (up) - 1
}
static_assert(multiplies());

constexpr bool gives_logits() {
  std::array<float, 2> const scale{0.5f, 0.25f};
  std::array<float, 2> y{};
  kernel::dense_s8_f32(kernel::scalar_tag{}, dims, x.data(), w.data(), bias.data(), scale.data(), y.data());
  return y == std::array<float, 2>{5.f, -92.5f};
}
static_assert(gives_logits());

TEST_CASE("dense_s8 reference: by hand, at run time") {
  CHECK(multiplies());
  CHECK(gives_logits());
}

}  // namespace
