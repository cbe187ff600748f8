#include "petra/kernel/simd/conv2d_rounded.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "../operands.hpp"
#include "../random_conv2d.hpp"

using operands::operand;
using petra::index_t;
using petra::kernel::best;
using petra::kernel::conv2d_dims;
using petra::kernel::scalar_tag;
using petra::kernel::workspace;

TEST_CASE("conv2d_rounded: all passes against the reference, guards around every operand") {
  constexpr shapes::channels widths[] = {{1, 1, 1},   {3, 16, 1}, {16, 32, 1}, {5, 7, 1},
                                         {17, 33, 1}, {8, 8, 8},  {6, 4, 2}};
  petra::random r(31);
  workspace ws;
  for (int draw = 0; draw < 300; ++draw) {
    auto const width = widths[draw % 7];
    index_t const size = 1 + r.index(9);
    conv2d_dims const d{1 + r.index(2), size,           size + r.index(3), width.c,    width.o,
                        1 + r.index(3), 1 + r.index(3), 1 + r.index(2),    r.index(3), width.groups};
    if (!d.valid() || d.macs() > 100000) continue;
    CAPTURE(d.h);
    CAPTURE(d.w);
    CAPTURE(d.c);
    CAPTURE(d.o);
    CAPTURE(d.groups);
    index_t const shift = operands::misalignments[draw % 3], in = d.n * d.h * d.w * d.c,
                  out = d.n * d.out_h() * d.out_w() * d.o, weights = d.o * d.patch();
    operand const x(in, 1, shift), w(weights, 2, shift), bias(d.o, 3, shift), dy(out, 4, shift);
    operand y(out, 5, shift), dx(in, 6, shift), dw(weights, 7, shift), yr(out, 5, shift), dxr(in, 6, shift),
        dwr(weights, 7, shift);
    bool const accumulate = draw % 2 == 0;
    auto const run = [&](auto tag, operand& to_y, operand& to_dx, operand& to_dw) {
      workspace::scope const release(ws);
      auto* const packed = ws.take<float>(packed_conv2d_rounded_size(tag, d));
      auto* const turned = ws.take<float>(packed_conv2d_gradient_rounded_size(tag, d));
      pack_conv2d_rounded(tag, d, w.data(), packed, ws);
      pack_conv2d_gradient_rounded(tag, d, w.data(), turned, ws);
      conv2d_rounded(tag, d, x.data(), packed, bias.data(), to_y.data(), ws);
      conv2d_backward_data_rounded(tag, d, dy.data(), turned, to_dx.data(), accumulate, ws);
      conv2d_backward_weight_rounded(tag, d, x.data(), dy.data(), to_dw.data(), ws);
    };
    run(scalar_tag{}, yr, dxr, dwr);
    run(best, y, dx, dw);
    // Numbers are below 1, so a sum of k products is off by less than k^2 / 2 roundings of 1, in either order.
    auto const near = [&](operand const& got, operand const& exact, index_t terms) {
      return first_outside(got, exact.values(), std::vector<double>(static_cast<std::size_t>(exact.size()), 1.),
                           static_cast<double>(terms * terms + 4)) == -1;
    };
    REQUIRE(near(y, yr, d.patch()));
    REQUIRE(near(dx, dxr, d.kernel_h * d.kernel_w * d.group_o()));
    REQUIRE(near(dw, dwr, d.n * d.out_h() * d.out_w()));
    for (operand const* const o : {&y, &dx, &dw}) REQUIRE(o->guarded());
  }
}
