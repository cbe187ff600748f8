#include "petra/kernel/simd/conv2d_bf16.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "../guarded_page.hpp"
#include "../random_conv2d.hpp"

using petra::index_t;
using petra::kernel::best;
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

index_t inputs(conv2d_dims const& d) { return d.n * d.h * d.w * d.c; }
index_t outputs(conv2d_dims const& d) { return d.n * d.out_h() * d.out_w() * d.o; }

struct numbers {
  std::vector<float> values, magnitudes;
};
template <class T>
numbers of(guarded::array<T> const& a) {
  numbers n;
  for (T const& e : a.span()) {
    if constexpr (std::is_same_v<T, bf16>)
      n.values.push_back(to_float(e));
    else
      n.values.push_back(e);
    n.magnitudes.push_back(std::fabs(n.values.back()));
  }
  return n;
}

void draw(petra::random& r, guarded::array<bf16>& a) {
  for (bf16& e : a.span()) e = to_bf16(r.uniform(-1.f, 1.f));
}
void draw(petra::random& r, guarded::array<float>& a) {
  for (float& e : a.span()) e = r.uniform(-1.f, 1.f);
}

// Float sums of `terms` products in any order, and one rounding of what is stored as bf16.
bool near(numbers const& got, std::vector<float> const& exact, std::vector<float> const& magnitude, index_t terms,
          bool rounded) {
  for (std::size_t i = 0; i < exact.size(); ++i) {
    float const bound = static_cast<float>(terms + 2) * 1.2e-7f * magnitude[i] +
                        (rounded ? 0.004f * std::fabs(exact[i]) : 0.f) + 1e-30f;
    if (!(std::fabs(got.values[i] - exact[i]) <= bound)) return false;
  }
  return true;
}

// All three passes against the reference in float on the same numbers; every operand ends at, or follows, a protected
// page.
void check(conv2d_dims const& d, petra::random& r, bool biased, guarded::side side, workspace& ws) {
  CAPTURE(d.n);
  CAPTURE(d.h);
  CAPTURE(d.w);
  CAPTURE(d.c);
  CAPTURE(d.o);
  CAPTURE(d.kernel_h);
  CAPTURE(d.kernel_w);
  CAPTURE(d.stride.h);
  CAPTURE(d.stride.w);
  CAPTURE(d.pad.top);
  CAPTURE(d.pad.bottom);
  CAPTURE(d.pad.left);
  CAPTURE(d.pad.right);
  CAPTURE(d.dilation.h);
  CAPTURE(d.dilation.w);
  CAPTURE(d.groups);
  guarded::array<bf16> x(inputs(d), side), w(d.o * d.patch(), side), dy(outputs(d), side);
  guarded::array<bf16> y(outputs(d), side), dx(inputs(d), side);
  guarded::array<float> bias(d.o, side), dw(d.o * d.patch(), side);
  draw(r, x);
  draw(r, w);
  draw(r, dy);
  draw(r, dx);
  draw(r, bias);
  draw(r, dw);
  auto const xs = of(x), ws_ = of(w), dys = of(dy), bs = of(bias);
  auto dxs = of(dx), dws = of(dw);
  numbers ys = dys;

  conv2d(best, d, x.data(), w.data(), biased ? bias.data() : nullptr, y.data(), ws);
  conv2d(scalar_tag{}, d, xs.values.data(), ws_.values.data(), biased ? bs.values.data() : nullptr, ys.values.data(),
         ws);
  conv2d(scalar_tag{}, d, xs.magnitudes.data(), ws_.magnitudes.data(), biased ? bs.magnitudes.data() : nullptr,
         ys.magnitudes.data(), ws);
  REQUIRE(near(of(y), ys.values, ys.magnitudes, d.patch(), true));

  conv2d_backward_data(best, d, dy.data(), w.data(), dx.data(), ws);
  conv2d_backward_data(scalar_tag{}, d, dys.values.data(), ws_.values.data(), dxs.values.data(), ws);
  conv2d_backward_data(scalar_tag{}, d, dys.magnitudes.data(), ws_.magnitudes.data(), dxs.magnitudes.data(), ws);
  REQUIRE(near(of(dx), dxs.values, dxs.magnitudes, d.kernel_h * d.kernel_w * d.group_o(), true));

  conv2d_backward_weight(best, d, x.data(), dy.data(), dw.data(), ws);
  conv2d_backward_weight(scalar_tag{}, d, xs.values.data(), dys.values.data(), dws.values.data(), ws);
  conv2d_backward_weight(scalar_tag{}, d, xs.magnitudes.data(), dys.magnitudes.data(), dws.magnitudes.data(), ws);
  REQUIRE(near(of(dw), dws.values, dws.magnitudes, d.n * d.out_h() * d.out_w(), false));
}

}  // namespace

TEST_CASE("conv2d bf16: 3,000 random small shapes against the reference") {
  struct channels {
    index_t c, o, groups;
  };
  constexpr channels widths[] = {{1, 1, 1}, {3, 16, 1}, {2, 32, 1}, {1, 17, 1},  {4, 48, 1}, {16, 2, 1},
                                 {3, 3, 3}, {2, 4, 2},  {18, 3, 1}, {32, 32, 1}, {6, 4, 2},  {33, 5, 1}};
  constexpr index_t rows[] = {1, 2, 3, 7, 8, 9, 14, 15, 16, 17, 24, 28, 32};
  petra::random r(11);
  workspace ws;
  index_t cases = 0;
  while (cases < 3000) {
    channels const width = widths[r.index(12)];
    index_t const side = 1 + r.index(3), stride = 1 + r.index(r.index(4) == 0 ? 3 : 2);
    conv2d_dims const d{1 + r.index(2), 1 + r.index(4), rows[r.index(13)] * (1 + r.index(stride)) - r.index(2),
                        width.c,        width.o,        1 + r.index(3),
                        side,           stride,         r.index(4) == 0 ? r.index(3) : side / 2,
                        width.groups};
    if (d.w < 1 || !d.valid() || d.macs() > 6000) continue;
    ++cases;
    check(d, r, cases % 2 == 0, cases % 3 == 0 ? guarded::side::before : guarded::side::after, ws);
  }
}

TEST_CASE("conv2d bf16: 10,000 random geometries: dilation, every side's own padding, series, groups") {
  petra::random r(32);
  workspace ws;
  for (index_t i = 0; i < 10000; ++i)
    check(shapes::random_conv2d(r, 3000), r, i % 2 == 0, i % 3 == 0 ? guarded::side::before : guarded::side::after, ws);
}

TEST_CASE("conv2d bf16: the layers of a residual network, a depthwise one, wide kernels and strides") {
  petra::random r(5);
  workspace ws;
  for (conv2d_dims const& d :
       {conv2d_dims{2, 32, 32, 3, 16, 3, 3, 1, 1, 1}, conv2d_dims{1, 32, 32, 16, 16, 3, 3, 1, 1, 1},
        conv2d_dims{2, 16, 16, 16, 32, 3, 3, 2, 1, 1}, conv2d_dims{2, 16, 16, 16, 32, 1, 1, 2, 0, 1},
        conv2d_dims{2, 8, 8, 64, 64, 3, 3, 1, 1, 1}, conv2d_dims{1, 9, 9, 20, 20, 3, 3, 2, 1, 20},
        conv2d_dims{1, 7, 9, 5, 6, 5, 4, 1, 2, 1}, conv2d_dims{1, 9, 9, 4, 4, 2, 2, 5, 0, 1},
        conv2d_dims{1, 1, 40, 6, 32, 1, 39, 1, 19, 1},
        conv2d_dims{4, 1, 60, 32, 32, 1, 19, 1, {0, 0, 36, 0}, 1, {1, 2}},
        conv2d_dims{2, 12, 12, 32, 64, 3, 3, 1, 2, 4, 2}, conv2d_dims{2, 14, 14, 64, 64, 3, 3, 2, {0, 1, 0, 1}, 8}})
    check(d, r, true, guarded::side::after, ws);
}

TEST_CASE("conv2d bf16: rows of fourteens, one vector of outputs and more, with padding and without") {
  petra::random r(6);
  workspace ws;
  for (index_t const columns : {14, 28, 42, 56})
    for (index_t const o : {5, 16, 20, 32, 40, 48})
      for (index_t const pad : {0, 1})
        check({1, 4, columns + 2 - 2 * pad, 4, o, 3, 3, 1, pad, 1}, r, pad == 0, guarded::side::after, ws);
}

TEST_CASE("conv2d bf16: no samples") {
  workspace ws;
  bf16 one = to_bf16(1.f);
  float dw = 1;
  for (index_t const groups : {1, 4}) {
    conv2d(best, {0, 4, 4, 4, 4, 1, 1, 1, 0, groups}, &one, &one, &dw, &one, ws);
    conv2d_backward_data(best, {0, 4, 4, 4, 4, 3, 3, 1, 1, groups}, &one, &one, &one, ws);
    conv2d_backward_weight(best, {0, 4, 4, 4, 4, 3, 3, 1, 1, groups}, &one, &one, &dw, ws);
  }
  CHECK(to_float(one) == 1.f);
  CHECK(dw == 1.f);
}
