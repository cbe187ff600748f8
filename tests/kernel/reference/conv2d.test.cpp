#include "petra/kernel/reference/conv2d.hpp"

#include <doctest/doctest.h>

#include <array>
#include <vector>

#include "petra/core/random.hpp"

using petra::index_t;
using petra::kernel::conv2d;
using petra::kernel::conv2d_backward_data;
using petra::kernel::conv2d_backward_weight;
using petra::kernel::conv2d_dims;
using petra::kernel::scalar_tag;
using petra::kernel::workspace;

namespace {

// 3x3 picture, 2x2 kernel, one channel.
template <class T>
constexpr bool valid_picture() {
  std::array<T, 9> const x{1, 2, 3, 4, 5, 6, 7, 8, 9};
  std::array<T, 4> const w{1, 10, 100, 1000};
  T const bias = T(0.5);
  std::array<T, 4> y{};
  workspace ws;
  conv2d(scalar_tag{}, {1, 3, 3, 1, 1, 2, 2, 1, 0, 1}, x.data(), w.data(), &bias, y.data(), ws);
  return y == std::array<T, 4>{T(5421.5), T(6532.5), T(8754.5), T(9865.5)};
}
static_assert(valid_picture<float>() && valid_picture<double>());

// 2x2 picture of 2 channels, 3x3 kernel, padding 1, stride 2: one pixel, which sees the picture in its lower right
// taps.
constexpr bool padded_strided() {
  std::array<double, 8> const x{1, 2, 3, 4, 5, 6, 7, 8};
  std::array<double, 18> w{};
  for (std::size_t i = 0; i < 18; ++i) w[i] = static_cast<double>(i);
  double y = -1;
  workspace ws;
  conv2d(scalar_tag{}, {1, 2, 2, 2, 1, 3, 3, 2, 1, 1}, x.data(), w.data(), static_cast<double const*>(nullptr), &y, ws);
  // taps (1,1) (1,2) (2,1) (2,2), two channels each: weights 8 9, 10 11, 14 15, 16 17
  return y == 1 * 8 + 2 * 9 + 3 * 10 + 4 * 11 + 5 * 14 + 6 * 15 + 7 * 16 + 8 * 17;
}
static_assert(padded_strided());

// One pixel, 4 channels in 2 groups, 2 outputs each: every output sees its group only.
constexpr bool grouped() {
  std::array<float, 4> const x{1, 10, 100, 1000};
  std::array<float, 8> const w{1, 2, 3, 4, 5, 6, 7, 8};
  std::array<float, 4> y{};
  workspace ws;
  conv2d(scalar_tag{}, {1, 1, 1, 4, 4, 1, 1, 1, 0, 2}, x.data(), w.data(), static_cast<float const*>(nullptr), y.data(),
         ws);
  return y == std::array<float, 4>{21, 43, 6500, 8700};
}
static_assert(grouped());

// A causal convolution along a series, two taps two pixels apart: each output sees itself and two before.
constexpr bool dilated_causal() {
  std::array<float, 5> const x{1, 2, 3, 4, 5};
  std::array<float, 2> const w{10, 1};
  std::array<float, 5> y{};
  workspace ws;
  conv2d(scalar_tag{}, {1, 1, 5, 1, 1, 1, 2, 1, {0, 0, 2, 0}, 1, {1, 2}}, x.data(), w.data(),
         static_cast<float const*>(nullptr), y.data(), ws);
  return y == std::array<float, 5>{1, 2, 13, 24, 35};
}
static_assert(dilated_causal());

// Strides 2 down and 1 to the right over 3x3 pixels, an even kernel, zeros below and to the right only.
constexpr bool uneven() {
  std::array<double, 9> const x{1, 2, 3, 4, 5, 6, 7, 8, 9};
  std::array<double, 4> const w{1, 10, 100, 1000};
  std::array<double, 6> y{};
  workspace ws;
  conv2d(scalar_tag{}, {1, 3, 3, 1, 1, 2, 2, {2, 1}, {0, 1, 0, 1}, 1}, x.data(), w.data(),
         static_cast<double const*>(nullptr), y.data(), ws);
  return y == std::array<double, 6>{5421, 6532, 603, 87, 98, 9};
}
static_assert(uneven());

// Gradients accumulate: one product, by hand.
constexpr bool gradients() {
  float const x = 3, w = 5, dy = 7;
  float dx = 100, dw = 1000;
  workspace ws;
  conv2d_backward_data(scalar_tag{}, {1, 1, 1, 1, 1, 1, 1, 1, 0, 1}, &dy, &w, &dx, ws);
  conv2d_backward_weight(scalar_tag{}, {1, 1, 1, 1, 1, 1, 1, 1, 0, 1}, &x, &dy, &dw, ws);
  return dx == 135 && dw == 1021;
}
static_assert(gradients());

// Small integers: every sum is exact in double.
std::vector<double> integers(index_t n, std::uint64_t key) {
  petra::random r(key);
  std::vector<double> v(static_cast<std::size_t>(n));
  for (double& e : v) e = static_cast<double>(r.index(9) - 4);
  return v;
}

double dot(std::vector<double> const& a, std::vector<double> const& b) {
  double s = 0;
  for (std::size_t i = 0; i < a.size(); ++i) s += a[i] * b[i];
  return s;
}

}  // namespace

TEST_CASE("conv2d, reference: by hand") {
  CHECK(valid_picture<float>());
  CHECK(valid_picture<double>());
  CHECK(padded_strided());
  CHECK(grouped());
  CHECK(dilated_causal());
  CHECK(uneven());
  CHECK(gradients());
}

TEST_CASE("conv2d, reference: both gradients are the adjoints of the forward pass") {
  workspace ws;
  for (conv2d_dims const& d : {conv2d_dims{2, 5, 6, 4, 6, 3, 2, 2, 1, 2}, conv2d_dims{1, 4, 4, 3, 3, 3, 3, 1, 2, 3},
                               conv2d_dims{2, 7, 5, 2, 3, 1, 1, 2, 0, 1}, conv2d_dims{1, 6, 6, 2, 2, 2, 2, 3, 0, 1},
                               conv2d_dims{2, 7, 6, 4, 6, 3, 2, {1, 3}, {0, 1, 3, 2}, 2, {2, 3}},
                               conv2d_dims{2, 1, 20, 3, 3, 1, 4, {1, 2}, {0, 0, 9, 0}, 3, {1, 3}}}) {
    auto const x = integers(d.n * d.h * d.w * d.c, 1), w = integers(d.o * d.patch(), 2);
    auto const dy = integers(d.n * d.out_h() * d.out_w() * d.o, 3);
    std::vector<double> y(dy.size()), dx(x.size()), dw(w.size());
    conv2d(scalar_tag{}, d, x.data(), w.data(), static_cast<double const*>(nullptr), y.data(), ws);
    conv2d_backward_data(scalar_tag{}, d, dy.data(), w.data(), dx.data(), ws);
    conv2d_backward_weight(scalar_tag{}, d, x.data(), dy.data(), dw.data(), ws);
    CHECK(dot(y, dy) == dot(x, dx));
    CHECK(dot(y, dy) == dot(w, dw));
  }
}
