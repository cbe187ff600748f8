// kernel/reference/conv2d_s8.hpp: a convolution by hand, and the same real numbers as a convolution in double.
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <vector>

#include "petra/core/random.hpp"
#include "petra/kernel/reference/conv2d_s8.hpp"

namespace {

using namespace petra;
using kernel::conv2d_s8_dims;

// 2 x 2 picture, zero point 1, 3 x 3 kernel of ones, padding 1: every output sums all pixels above the zero point.
constexpr bool sums_the_picture() {
  std::array<std::int8_t, 4> const x{2, 3, 4, 5};
  std::array<std::int8_t, 9> const w{1, 1, 1, 1, 1, 1, 1, 1, 1};
  std::array<std::int32_t, 1> const bias{-4}, multiplier{1 << 30};
  std::array<std::int8_t, 1> const shift{0};
  std::array<std::int8_t, 4> y{};
  conv2d_s8_dims const d{.h = 2, .w = 2, .kernel_h = 3, .kernel_w = 3, .pad = 1, .in_zero = 1, .out_zero = 10};
  kernel::conv2d_s8(kernel::scalar_tag{}, d, x.data(), w.data(), bias.data(), multiplier.data(), shift.data(),
                    y.data());
  return y == std::array<std::int8_t, 4>{13, 13, 13, 13};  // (1 + 2 + 3 + 4 - 4) / 2 + 10
}
static_assert(sums_the_picture());

// Two groups of one input each, stride 2, clamp at the zero point.
constexpr bool keeps_groups_apart() {
  std::array<std::int8_t, 8> const x{1, 10, 2, 20, 3, 30, 4, 40};  // 2 x 2 x 2
  std::array<std::int8_t, 2> const w{3, -1};
  std::array<std::int32_t, 2> const bias{0, 0}, multiplier{1 << 30, 1 << 30};
  std::array<std::int8_t, 2> const shift{1, 1};
  std::array<std::int8_t, 2> y{};
  conv2d_s8_dims const d{.h = 2, .w = 2, .c = 2, .o = 2, .stride = 2, .groups = 2, .out_zero = -5, .out_min = -5};
  kernel::conv2d_s8(kernel::scalar_tag{}, d, x.data(), w.data(), bias.data(), multiplier.data(), shift.data(),
                    y.data());
  return d.out_h() == 1 && d.out_w() == 1 && y == std::array<std::int8_t, 2>{-2, -5};
}
static_assert(keeps_groups_apart());

TEST_CASE("conv2d_s8 reference: by hand, at run time") {
  CHECK(sums_the_picture());
  CHECK(keeps_groups_apart());
}

TEST_CASE("conv2d_s8 reference: half a step of the real convolution") {
  conv2d_s8_dims const d{.h = 6,
                         .w = 5,
                         .c = 3,
                         .o = 4,
                         .kernel_h = 3,
                         .kernel_w = 3,
                         .stride = 2,
                         .pad = 1,
                         .in_zero = -7,
                         .out_zero = 12};
  petra::random r(key(1));
  std::vector<std::int8_t> x(6 * 5 * 3), w(4 * 27), shift(4), y(static_cast<std::size_t>(d.out_h() * d.out_w() * 4));
  for (auto& e : x) e = static_cast<std::int8_t>(r.index(256) - 128);
  for (auto& e : w) e = static_cast<std::int8_t>(r.index(255) - 127);
  std::vector<std::int32_t> bias{100, -2000, 0, 5000}, multiplier(4, (1 << 30) + 12345);
  for (auto& e : shift) e = -9;
  kernel::conv2d_s8(kernel::scalar_tag{}, d, x.data(), w.data(), bias.data(), multiplier.data(), shift.data(),
                    y.data());
  double const factor = std::ldexp((1 << 30) + 12345, -31 - 9);
  std::size_t at = 0;
  for (index_t oy = 0; oy < d.out_h(); ++oy)
    for (index_t ox = 0; ox < d.out_w(); ++ox)
      for (index_t o = 0; o < 4; ++o) {
        double sum = bias[static_cast<std::size_t>(o)];
        for (index_t a = 0; a < 3; ++a)
          for (index_t b = 0; b < 3; ++b)
            for (index_t c = 0; c < 3; ++c) {
              index_t const i = oy * 2 - 1 + a, j = ox * 2 - 1 + b;
              if (i < 0 || i >= 6 || j < 0 || j >= 5) continue;
              sum += (x[static_cast<std::size_t>((i * 5 + j) * 3 + c)] + 7.0) *
                     w[static_cast<std::size_t>(((o * 3 + a) * 3 + b) * 3 + c)];
            }
        double const want = std::fmin(std::fmax(sum * factor + 12, -128), 127);
        CHECK(std::abs(y[at++] - want) <= 0.5);
      }
}

}  // namespace
