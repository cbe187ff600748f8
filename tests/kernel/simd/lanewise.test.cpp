#include "petra/kernel/simd/lanewise.hpp"

#include <doctest/doctest.h>

#include "../operands.hpp"
#include "petra/kernel/reference/conv2d.hpp"

using operands::operand;
using petra::index_t;
using petra::kernel::conv2d_dims;
using petra::kernel::scalar_tag;
using petra::kernel::workspace;

TEST_CASE("lanewise: depthwise, channels around the vector, kernels up to 7 wide, against the reference") {
  namespace kernel = petra::kernel;
  workspace ws;
  petra::random r(77);
  index_t cases = 0;
  for (index_t const c : {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 48})
    for (int draw = 0; draw < 20; ++draw) {
      index_t const shift = operands::misalignments[draw % 3];
      auto const step = [&] { return draw % 2 == 0 ? 1 : 1 + r.index(3); };
      conv2d_dims const d{1 + r.index(2),
                          1 + r.index(12),
                          1 + r.index(12),
                          c,
                          c,
                          1 + r.index(4),
                          1 + r.index(7),
                          {1 + r.index(3), 1 + r.index(3)},
                          {r.index(4), r.index(4), r.index(4), r.index(4)},
                          c,
                          {step(), step()}};
      if (!d.valid()) continue;
      ++cases;
      operand const x(d.n * d.h * d.w * c, 1, shift), w(c * d.patch(), 2, shift), bias(c, 3, shift);
      operand const dy(d.n * d.out_h() * d.out_w() * c, 4, shift);
      operand y(dy.size(), 5, shift), dx(x.size(), 6, shift), dw(w.size(), 7, shift);
      auto yv = y.values(), ym = y.values(), dxv = dx.values(), dxm = dx.magnitudes(), dwv = dw.values(),
           dwm = dw.magnitudes();
      kernel::conv2d(scalar_tag{}, d, x.values().data(), w.values().data(), bias.values().data(), yv.data(), ws);
      kernel::conv2d(scalar_tag{}, d, x.magnitudes().data(), w.magnitudes().data(), bias.magnitudes().data(), ym.data(),
                     ws);
      kernel::conv2d_backward_data(scalar_tag{}, d, dy.values().data(), w.values().data(), dxv.data(), ws);
      kernel::conv2d_backward_data(scalar_tag{}, d, dy.magnitudes().data(), w.magnitudes().data(), dxm.data(), ws);
      kernel::conv2d_backward_weight(scalar_tag{}, d, x.values().data(), dy.values().data(), dwv.data(), ws);
      kernel::conv2d_backward_weight(scalar_tag{}, d, x.magnitudes().data(), dy.magnitudes().data(), dwm.data(), ws);
      kernel::simd::lanewise(d, x.data(), w.data(), bias.data(), y.data(), ws);
      kernel::simd::lanewise_backward_data(d, dy.data(), w.data(), dx.data(), ws);
      kernel::simd::lanewise_backward_weight(d, x.data(), dy.data(), dw.data(), ws);
      auto const taps = static_cast<double>(d.patch() + 1);
      REQUIRE(first_outside(y, yv, ym, taps) == -1);
      REQUIRE(first_outside(dx, dxv, dxm, taps) == -1);
      REQUIRE(first_outside(dw, dwv, dwm, static_cast<double>(d.n * d.out_h() * d.out_w() + 1)) == -1);
      for (operand const* const o : {&y, &dx, &dw}) REQUIRE(o->guarded());
    }
  CHECK(cases > 150);
}
