#include "petra/kernel/reference/conv2d_bf16.hpp"

#include <doctest/doctest.h>

#include <array>
#include <vector>

#include "petra/core/random.hpp"

using petra::index_t;
using petra::kernel::bf16;
using petra::kernel::conv2d;
using petra::kernel::conv2d_backward_data;
using petra::kernel::conv2d_backward_weight;
using petra::kernel::conv2d_dims;
using petra::kernel::scalar_tag;
using petra::kernel::to_bf16;
using petra::kernel::to_float;
using petra::kernel::workspace;

namespace {

// One pixel, two channels: the sum 1 * 3 + 2^-8 * 1 + 2^-9 needs more bits than are stored; it is rounded once, up.
constexpr bool rounded_once() {
  std::array const x{to_bf16(1.f), to_bf16(0.00390625f)}, w{to_bf16(3.f), to_bf16(1.f)};
  float const bias = 0.00390625f;
  bf16 y{};
  workspace ws;
  conv2d(scalar_tag{}, {1, 1, 1, 2, 1, 1, 1, 1, 0, 1}, x.data(), w.data(), &bias, &y, ws);
  return to_float(y) == 3.f;  // 3.0078125 lies between 3 and 3.015625, as near to both: the even one
}
static_assert(rounded_once());

// Inputs in float: 1 + 2^-8 lies between 1 and 1 + 2^-7, and is read as 1; the output is not rounded.
constexpr bool rounded_as_read() {
  std::array const x{1.00390625f, 2.f};
  std::array const w{to_bf16(1.f), to_bf16(3.f)};
  float const bias = 0.001953125f;
  double y = 0;
  workspace ws;
  conv2d(scalar_tag{}, {1, 1, 1, 2, 1, 1, 1, 1, 0, 1}, x.data(), w.data(), &bias, &y, ws);
  return y == 7.001953125;
}
static_assert(rounded_as_read());

}  // namespace

// Small integers are exact in bf16 and in float, so all three passes must be equal to those in double.
TEST_CASE("conv2d bf16, reference: equal to the reference in double where nothing is rounded") {
  petra::random r(3);
  workspace ws;
  for (conv2d_dims const& d : {conv2d_dims{2, 5, 6, 4, 6, 3, 2, 2, 1, 2}, conv2d_dims{1, 4, 4, 3, 3, 3, 3, 1, 2, 3},
                               conv2d_dims{2, 7, 5, 2, 3, 1, 1, 2, 0, 1}, conv2d_dims{1, 6, 6, 2, 2, 2, 2, 3, 0, 1},
                               conv2d_dims{2, 7, 6, 4, 6, 3, 2, {1, 3}, {0, 1, 3, 2}, 2, {2, 3}},
                               conv2d_dims{2, 1, 20, 3, 3, 1, 4, {1, 2}, {0, 0, 9, 0}, 3, {1, 3}}}) {
    auto const draw = [&](index_t n) {
      std::vector<double> v(static_cast<std::size_t>(n));
      for (double& e : v) e = static_cast<double>(r.index(3) - 1);
      return v;
    };
    auto const narrow = [](std::vector<double> const& v) {
      std::vector<bf16> n;
      for (double const e : v) n.push_back(to_bf16(static_cast<float>(e)));
      return n;
    };
    auto const x = draw(d.n * d.h * d.w * d.c), w = draw(d.o * d.patch());
    auto const dy = draw(d.n * d.out_h() * d.out_w() * d.o);
    auto const xb = narrow(x), wb = narrow(w), dyb = narrow(dy);
    auto y = dy, dx = x, dw = w;
    auto yb = dyb, dxb = xb;
    std::vector<float> dwf(w.begin(), w.end());
    conv2d(scalar_tag{}, d, x.data(), w.data(), static_cast<double const*>(nullptr), y.data(), ws);
    conv2d(scalar_tag{}, d, xb.data(), wb.data(), nullptr, yb.data(), ws);
    conv2d_backward_data(scalar_tag{}, d, dy.data(), w.data(), dx.data(), ws);
    conv2d_backward_data(scalar_tag{}, d, dyb.data(), wb.data(), dxb.data(), ws);
    conv2d_backward_weight(scalar_tag{}, d, x.data(), dy.data(), dw.data(), ws);
    conv2d_backward_weight(scalar_tag{}, d, xb.data(), dyb.data(), dwf.data(), ws);
    CHECK(narrow(y) == yb);
    CHECK(narrow(dx) == dxb);
    CHECK(std::vector<double>(dwf.begin(), dwf.end()) == dw);
  }
}
