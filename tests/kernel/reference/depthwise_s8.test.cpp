// kernel/reference/depthwise_s8.hpp: by hand, and equal to the grouped convolution it is.
#include <doctest/doctest.h>

#include <array>
#include <vector>

#include "petra/core/random.hpp"
#include "petra/kernel/reference/depthwise_s8.hpp"

namespace {

using namespace petra;

// Channel 0 sums its three pixels, channel 1 takes the difference of its neighbors; zero point 1.
constexpr bool filters_channels() {
  std::array<std::int8_t, 6> const x{2, 5, 3, 6, 4, 9};   // 1 x 3 x 2
  std::array<std::int8_t, 6> const w{1, 1, 1, -1, 0, 1};  // (C, 1, 3)
  std::array<std::int32_t, 2> const bias{0, 0}, multiplier{1 << 30, 1 << 30};
  std::array<std::int8_t, 2> const shift{1, 1};
  std::array<std::int8_t, 2> y{};
  kernel::conv2d_s8_dims const d{
      .h = 1, .w = 3, .c = 2, .o = 2, .kernel_h = 1, .kernel_w = 3, .groups = 2, .in_zero = 1};
  kernel::depthwise_s8(kernel::scalar_tag{}, d, x.data(), w.data(), bias.data(), multiplier.data(), shift.data(),
                       y.data());
  return y == std::array<std::int8_t, 2>{6, 4};
}
static_assert(filters_channels());

TEST_CASE("depthwise_s8 reference: by hand, at run time") { CHECK(filters_channels()); }

TEST_CASE("depthwise_s8 reference: a convolution with as many groups as channels") {
  petra::random r(key(2));
  for (index_t const stride : {1, 2})
    for (std::int32_t const zero : {-128, 5, 127}) {
      kernel::conv2d_s8_dims const d{.h = 5,
                                     .w = 6,
                                     .c = 7,
                                     .o = 7,
                                     .kernel_h = 3,
                                     .kernel_w = 3,
                                     .stride = stride,
                                     .pad = 1,
                                     .groups = 7,
                                     .in_zero = zero,
                                     .out_zero = 3};
      std::vector<std::int8_t> x(5 * 6 * 7), w(7 * 9), shift(7, std::int8_t{-7});
      for (auto& e : x) e = static_cast<std::int8_t>(r.index(256) - 128);
      for (auto& e : w) e = static_cast<std::int8_t>(r.index(255) - 127);
      std::vector<std::int32_t> const bias(7, 50), multiplier(7, 1234567890);
      std::vector<std::int8_t> a(static_cast<std::size_t>(d.out_h() * d.out_w() * 7)), b(a);
      kernel::depthwise_s8(kernel::scalar_tag{}, d, x.data(), w.data(), bias.data(), multiplier.data(), shift.data(),
                           a.data());
      kernel::conv2d_s8(kernel::scalar_tag{}, d, x.data(), w.data(), bias.data(), multiplier.data(), shift.data(),
                        b.data());
      CHECK(a == b);
    }
}

}  // namespace
