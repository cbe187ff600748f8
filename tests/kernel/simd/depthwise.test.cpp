#include "petra/kernel/simd/depthwise.hpp"

#include <doctest/doctest.h>

#include "../operands.hpp"
#include "petra/kernel/reference/conv2d.hpp"

using operands::operand;
using petra::index_t;
using petra::kernel::conv2d_dims;
using petra::kernel::scalar_tag;
using petra::kernel::workspace;

TEST_CASE("depthwise: whole vectors of channels, every padding and step, against the reference") {
  namespace kernel = petra::kernel;
  namespace simd = kernel::simd;
  workspace ws;
  petra::random r(78);
  index_t cases = 0, data = 0, sums = 0;
  for (index_t const vectors : {1, 2, 3, 4, 5})
    for (int draw = 0; draw < 120; ++draw) {
      index_t const shift = operands::misalignments[draw % 3], c = vectors * simd::lanes;
      index_t const kernel_h = draw % 2 == 0 ? 3 : 1 + r.index(4), across = 1 + r.index(2);
      conv2d_dims const d{1 + r.index(3),
                          1 + r.index(9),
                          1 + r.index(19),
                          c,
                          c,
                          kernel_h,
                          3,
                          {draw % 4 == 0 ? 1 : 1 + r.index(5), draw % 4 == 0 ? 1 : across},
                          {r.index(4), r.index(4), r.index(5), r.index(5)},
                          c,
                          {draw % 3 == 0 ? 1 + r.index(3) : 1, 1}};
      if (!d.valid() || c == 1) continue;
      REQUIRE(simd::strips_depthwise(d));
      ++cases;
      operand const x(d.n * d.h * d.w * c, 1, shift), w(c * d.patch(), 2, shift), bias(c, 3, shift);
      operand const dy(d.n * d.out_h() * d.out_w() * c, 4, shift);
      operand y(dy.size(), 5, shift), plain(dy.size(), 5, shift), dx(x.size(), 6, shift), dw(w.size(), 7, shift);
      auto yv = y.values(), ym = y.values(), pv = y.values(), dxv = dx.values(), dxm = dx.magnitudes(),
           dwv = dw.values(), dwm = dw.magnitudes();
      kernel::conv2d(scalar_tag{}, d, x.values().data(), w.values().data(), bias.values().data(), yv.data(), ws);
      kernel::conv2d(scalar_tag{}, d, x.magnitudes().data(), w.magnitudes().data(), bias.magnitudes().data(), ym.data(),
                     ws);
      kernel::conv2d(scalar_tag{}, d, x.values().data(), w.values().data(), static_cast<double const*>(nullptr),
                     pv.data(), ws);
      simd::depthwise(d, x.data(), w.data(), bias.data(), y.data(), ws);
      simd::depthwise(d, x.data(), w.data(), nullptr, plain.data(), ws);
      auto const taps = static_cast<double>(d.patch() + 1);
      REQUIRE(first_outside(y, yv, ym, taps) == -1);
      REQUIRE(first_outside(plain, pv, ym, taps) == -1);
      for (operand const* const o : {&y, &plain}) REQUIRE(o->guarded());
      if (d.stride == kernel::conv_step(1)) {
        ++data;
        kernel::conv2d_backward_data(scalar_tag{}, d, dy.values().data(), w.values().data(), dxv.data(), ws);
        kernel::conv2d_backward_data(scalar_tag{}, d, dy.magnitudes().data(), w.magnitudes().data(), dxm.data(), ws);
        simd::depthwise_backward_data(d, dy.data(), w.data(), dx.data(), ws);
        REQUIRE(first_outside(dx, dxv, dxm, taps) == -1);
        REQUIRE(dx.guarded());
      }
      if (!simd::sums_depthwise(d)) continue;
      ++sums;
      kernel::conv2d_backward_weight(scalar_tag{}, d, x.values().data(), dy.values().data(), dwv.data(), ws);
      kernel::conv2d_backward_weight(scalar_tag{}, d, x.magnitudes().data(), dy.magnitudes().data(), dwm.data(), ws);
      simd::depthwise_backward_weight(d, x.data(), dy.data(), dw.data(), ws);
      REQUIRE(first_outside(dw, dwv, dwm, static_cast<double>(d.n * d.out_h() * d.out_w() + 1)) == -1);
      REQUIRE(dw.guarded());
    }
  CHECK(cases > 300);
  CHECK(data > 60);
  CHECK(sums > 150);
}
