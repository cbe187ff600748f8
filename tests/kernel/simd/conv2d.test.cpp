#include "petra/kernel/simd/conv2d.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "../guarded_page.hpp"
#include "../operands.hpp"
#include "../random_conv2d.hpp"

using operands::operand;
using petra::index_t;
using petra::kernel::best;
using petra::kernel::conv2d;
using petra::kernel::conv2d_backward_data;
using petra::kernel::conv2d_backward_weight;
using petra::kernel::conv2d_dims;
using petra::kernel::scalar_tag;
using petra::kernel::workspace;

namespace {

using shapes::channels;
constexpr channels widths[] = {{1, 1, 1},  {3, 16, 1},  {16, 16, 1},  {5, 7, 1},    {17, 33, 1},
                               {4, 50, 1}, {32, 24, 1}, {8, 8, 8},    {19, 19, 19}, {32, 32, 32},
                               {6, 4, 2},  {4, 8, 4},   {16, 32, 16}, {12, 12, 3},  {34, 34, 2}};

index_t inputs(conv2d_dims const& d) { return d.n * d.h * d.w * d.c; }
index_t outputs(conv2d_dims const& d) { return d.n * d.out_h() * d.out_w() * d.o; }

// All three passes against the reference in double, with guards around every operand.
void check(conv2d_dims d, index_t shift, bool biased, workspace& ws) {
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
  CAPTURE(shift);
  CAPTURE(biased);
  operand const x(inputs(d), 1, shift), w(d.o * d.patch(), 2, shift), bias(d.o, 3, shift), dy(outputs(d), 4, shift);
  operand y(outputs(d), 5, shift), dx(inputs(d), 6, shift), dw(d.o * d.patch(), 7, shift);
  auto const xv = x.values(), wv = w.values(), bv = bias.values(), dyv = dy.values();
  auto const xm = x.magnitudes(), wm = w.magnitudes(), bm = bias.magnitudes(), dym = dy.magnitudes();
  auto yv = y.values(), dxv = dx.values(), dwv = dw.values(), ym = yv, dxm = dx.magnitudes(), dwm = dw.magnitudes();

  conv2d(scalar_tag{}, d, xv.data(), wv.data(), biased ? bv.data() : nullptr, yv.data(), ws);
  conv2d(scalar_tag{}, d, xm.data(), wm.data(), biased ? bm.data() : nullptr, ym.data(), ws);
  conv2d(best, d, x.data(), w.data(), biased ? bias.data() : nullptr, y.data(), ws);
  REQUIRE(first_outside(y, yv, ym, static_cast<double>(d.patch() + 1)) == -1);
  REQUIRE(y.guarded());

  conv2d_backward_data(scalar_tag{}, d, dyv.data(), wv.data(), dxv.data(), ws);
  conv2d_backward_data(scalar_tag{}, d, dym.data(), wm.data(), dxm.data(), ws);
  conv2d_backward_data(best, d, dy.data(), w.data(), dx.data(), ws);
  REQUIRE(first_outside(dx, dxv, dxm, static_cast<double>(d.kernel_h * d.kernel_w * d.group_o() + 1)) == -1);
  REQUIRE(dx.guarded());

  // Assigned, with weights packed for any number of pictures.
  {
    workspace::scope const release(ws);
    operand assigned(inputs(d), 8, shift);
    auto* const packed = ws.take<float>(petra::kernel::packed_conv2d_gradient_size(best, d));
    petra::kernel::pack_conv2d_gradient(best, d, w.data(), packed);
    petra::kernel::conv2d_backward_data_packed(best, d, dy.data(), packed, assigned.data(), false, ws);
    std::vector<double> exact(xv.size(), 0), bound(xv.size(), 0);
    conv2d_backward_data(scalar_tag{}, d, dyv.data(), wv.data(), exact.data(), ws);
    conv2d_backward_data(scalar_tag{}, d, dym.data(), wm.data(), bound.data(), ws);
    REQUIRE(first_outside(assigned, exact, bound, static_cast<double>(d.kernel_h * d.kernel_w * d.group_o() + 1)) ==
            -1);
    REQUIRE(assigned.guarded());
  }

  conv2d_backward_weight(scalar_tag{}, d, xv.data(), dyv.data(), dwv.data(), ws);
  conv2d_backward_weight(scalar_tag{}, d, xm.data(), dym.data(), dwm.data(), ws);
  conv2d_backward_weight(best, d, x.data(), dy.data(), dw.data(), ws);
  REQUIRE(first_outside(dw, dwv, dwm, static_cast<double>(d.n * d.out_h() * d.out_w() + 1)) == -1);
  REQUIRE(dw.guarded());
}

}  // namespace

TEST_CASE("conv2d: random sizes, kernels, strides, paddings and groups against the reference") {
  petra::random r(2024);
  workspace ws;
  index_t cases = 0;
  for (index_t draw = 0; draw < 1500; ++draw) {
    channels const width = widths[draw % 15];
    index_t const size = 1 + r.index(11);
    conv2d_dims const d{1 + r.index(2), size,           std::max<index_t>(1, size + r.index(5) - 2),
                        width.c,        width.o,        1 + r.index(5),
                        1 + r.index(5), 1 + r.index(3), r.index(4),
                        width.groups};
    if (!d.valid() || d.macs() > 150000) continue;
    ++cases;
    check(d, operands::misalignments[draw % 3], draw % 2 == 0, ws);
  }
  CHECK(cases > 600);
}

TEST_CASE("conv2d: 10,000 random small shapes, rows as long as whole tiles and a little more or less") {
  petra::random r(7);
  workspace ws;
  constexpr index_t rows[] = {1, 7, 8, 9, 15, 16, 17, 24, 32};
  constexpr channels narrow[] = {{1, 1, 1},  {3, 16, 1}, {2, 32, 1}, {1, 17, 1}, {1, 48, 1},
                                 {16, 2, 1}, {3, 3, 3},  {2, 4, 2},  {18, 3, 1}, {4, 32, 2}};
  index_t cases = 0;
  while (cases < 10000) {
    channels const width = narrow[r.index(10)];
    index_t const side = 1 + r.index(3), stride = 1 + r.index(r.index(4) == 0 ? 3 : 2);
    conv2d_dims const d{1 + r.index(2), 1 + r.index(4), rows[r.index(9)] * (1 + r.index(stride)) - r.index(2),
                        width.c,        width.o,        1 + r.index(3),
                        side,           stride,         r.index(4) == 0 ? r.index(3) : side / 2,
                        width.groups};
    if (d.n < 1 || d.w < 1 || !d.valid() || d.macs() > 8000) continue;
    ++cases;
    check(d, operands::misalignments[cases % 3], cases % 2 == 0, ws);
  }
}

TEST_CASE("conv2d: 10,000 random geometries: dilation, every side's own padding, series, groups") {
  petra::random r(31);
  workspace ws;
  for (index_t i = 0; i < 10000; ++i)
    check(shapes::random_conv2d(r, 4000), operands::misalignments[i % 3], i % 2 == 0, ws);
}

TEST_CASE("conv2d: long taps, dilated, causal, as many channels as a panel holds") {
  workspace ws;
  check({4, 1, 144, 32, 32, 1, 39, 1, {0, 0, 19, 19}, 1}, 0, true, ws);
  check({3, 1, 100, 32, 32, 1, 40, 1, {0, 0, 19, 20}, 1}, 1, false, ws);
  check({2, 1, 70, 32, 32, 1, 9, 1, {0, 0, 64, 0}, 1, {1, 8}}, 0, true, ws);
  check({5, 1, 50, 24, 16, 1, 3, {1, 2}, {0, 0, 2, 2}, 1, {1, 2}}, 0, true, ws);
  check({2, 12, 12, 32, 64, 3, 3, 1, 2, 4, 2}, 0, true, ws);
  check({2, 14, 14, 64, 64, 3, 3, 2, {0, 1, 0, 1}, 8}, 3, true, ws);
}

TEST_CASE("conv2d: operands that end at a page that may not be touched") {
  workspace ws;
  for (conv2d_dims const& d :
       {conv2d_dims{2, 3, 16, 3, 16, 3, 3, 1, 1, 1}, conv2d_dims{1, 4, 16, 5, 32, 3, 3, 2, 1, 1},
        conv2d_dims{1, 2, 8, 16, 32, 3, 3, 1, 1, 1}, conv2d_dims{2, 3, 9, 16, 48, 1, 1, 2, 0, 1},
        conv2d_dims{1, 3, 7, 17, 5, 3, 2, 1, 0, 1}, conv2d_dims{1, 3, 5, 19, 19, 3, 3, 1, 1, 19},
        conv2d_dims{2, 1, 30, 5, 16, 1, 7, 1, {0, 0, 12, 0}, 1, {1, 2}}, conv2d_dims{1, 5, 9, 8, 16, 3, 2, 1, 1, 2, 2},
        conv2d_dims{1, 4, 9, 18, 18, 3, 3, {1, 2}, {1, 1, 0, 1}, 6}, conv2d_dims{2, 3, 9, 12, 24, 1, 1, 1, 0, 12}})
    for (auto const side : {guarded::side::after, guarded::side::before}) {
      guarded::array<float> x(inputs(d), side), w(d.o * d.patch(), side), bias(d.o, side), y(outputs(d), side);
      guarded::array<float> dx(inputs(d), side), dw(d.o * d.patch(), side);
      for (float& v : w.span()) v = 1;
      for (float& v : x.span()) v = 1;
      conv2d(best, d, x.data(), w.data(), bias.data(), y.data(), ws);
      conv2d_backward_data(best, d, y.data(), w.data(), dx.data(), ws);
      conv2d_backward_weight(best, d, x.data(), y.data(), dw.data(), ws);
      CHECK(y[outputs(d) - 1] > 0.f);
      CHECK(dw[0] > 0.f);
    }
}

TEST_CASE("conv2d: dims that are known to have one group give the same bits") {
  workspace ws;
  petra::kernel::ungrouped_dims const one{{2, 9, 7, 5, 12, 3, 3, 2, 1, 1}};
  conv2d_dims const any = one;
  operand const x(inputs(any), 1, 0), w(any.o * any.patch(), 2, 0), dy(outputs(any), 3, 0);
  auto all = [&](auto const& d) {
    std::vector<float> y(static_cast<std::size_t>(outputs(any))), dx(static_cast<std::size_t>(inputs(any)));
    std::vector<float> dw(static_cast<std::size_t>(any.o * any.patch()));
    conv2d(best, d, x.data(), w.data(), static_cast<float const*>(nullptr), y.data(), ws);
    conv2d_backward_data(best, d, dy.data(), w.data(), dx.data(), ws);
    conv2d_backward_weight(best, d, x.data(), dy.data(), dw.data(), ws);
    y.insert(y.end(), dx.begin(), dx.end());
    y.insert(y.end(), dw.begin(), dw.end());
    return y;
  };
  CHECK(all(one) == all(any));
}

TEST_CASE("conv2d: the layers of a residual network") {
  workspace ws;
  check({2, 32, 32, 3, 16, 3, 3, 1, 1, 1}, 0, true, ws);
  check({1, 32, 32, 16, 16, 3, 3, 1, 1, 1}, 0, false, ws);
  check({2, 16, 16, 16, 32, 3, 3, 2, 1, 1}, 0, true, ws);
  check({2, 16, 16, 16, 32, 1, 1, 2, 0, 1}, 0, false, ws);
  check({2, 8, 8, 64, 64, 3, 3, 1, 1, 1}, 0, true, ws);
  check({3, 5, 7, 64, 48, 1, 1, 1, 0, 1}, 1, true, ws);
}

TEST_CASE("conv2d: kernels that cover the picture, paddings wider than the kernel, strides wider than both") {
  workspace ws;
  check({2, 4, 4, 8, 10, 4, 4, 1, 0, 1}, 1, true, ws);
  check({1, 3, 3, 2, 3, 1, 1, 1, 3, 1}, 0, true, ws);
  check({1, 3, 4, 2, 3, 2, 1, 1, 3, 1}, 0, false, ws);
  check({1, 9, 9, 4, 4, 2, 2, 5, 0, 1}, 3, true, ws);
  check({1, 9, 9, 4, 4, 2, 2, 5, 0, 4}, 0, true, ws);
  check({2, 5, 5, 4, 4, 3, 3, 2, 2, 4}, 0, true, ws);
  check({1, 1, 1, 1, 1, 1, 1, 1, 0, 1}, 0, true, ws);
}

TEST_CASE("conv2d: no samples") {
  workspace ws;
  float one = 1;
  for (index_t const groups : {1, 4}) {
    conv2d(best, {0, 4, 4, 4, 4, 1, 1, 1, 0, groups}, &one, &one, &one, &one, ws);
    conv2d_backward_data(best, {0, 4, 4, 4, 4, 3, 3, 1, 1, groups}, &one, &one, &one, ws);
    conv2d_backward_weight(best, {0, 4, 4, 4, 4, 3, 3, 1, 1, groups}, &one, &one, &one, ws);
  }
  CHECK(one == 1.f);
}

TEST_CASE("conv2d: the same bits at every alignment, in every call and for every sample of a batch") {
  workspace ws;
  conv2d_dims d{2, 9, 9, 6, 20, 3, 3, 1, 1, 1};
  operand const w(d.o * d.patch(), 2), bias(d.o, 3);
  operand const x(inputs(d), 1), dy(outputs(d), 4);
  operand y(outputs(d), 5), dx(inputs(d), 6), dw(w.size(), 7);
  conv2d(best, d, x.data(), w.data(), bias.data(), y.data(), ws);
  conv2d_backward_data(best, d, dy.data(), w.data(), dx.data(), ws);
  conv2d_backward_weight(best, d, x.data(), dy.data(), dw.data(), ws);
  for (index_t const shift : operands::misalignments) {
    workspace other;
    operand const x2(inputs(d), 1, shift), dy2(outputs(d), 4, shift), w2(w.size(), 2, shift);
    operand y2(outputs(d), 8, shift), dx2(inputs(d), 6, shift), dw2(w.size(), 7, shift);
    conv2d(best, d, x2.data(), w2.data(), bias.data(), y2.data(), other);
    conv2d_backward_data(best, d, dy2.data(), w2.data(), dx2.data(), other);
    conv2d_backward_weight(best, d, x2.data(), dy2.data(), dw2.data(), other);
    CHECK(identical(y, y2));
    CHECK(identical(dx, dx2));
    CHECK(identical(dw, dw2));
  }
  conv2d_dims one = d;
  one.n = 1;
  operand alone(outputs(one), 9);
  conv2d(best, one, x.data() + inputs(one), w.data(), bias.data(), alone.data(), ws);
  for (index_t i = 0; i < alone.size(); ++i) REQUIRE(alone[i] == y[alone.size() + i]);
}

TEST_CASE("conv2d: double falls back to the reference") {
  workspace ws;
  double const x = 3, w = 5, bias = 1;
  double y = 0, dx = 1, dw = 1;
  conv2d_dims const d{1, 1, 1, 1, 1, 1, 1, 1, 0, 1};
  conv2d(best, d, &x, &w, &bias, &y, ws);
  conv2d_backward_data(best, d, &y, &w, &dx, ws);
  conv2d_backward_weight(best, d, &x, &y, &dw, ws);
  CHECK(y == 16);
  CHECK(dx == 81);
  CHECK(dw == 49);
}
