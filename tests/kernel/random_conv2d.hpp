// Small convolutions of any geometry: pictures and series, strides and dilations of their own down and to the right, each
// side with its own padding, groups of any size.
#pragma once
#include "petra/core/random.hpp"
#include "petra/kernel/conv2d_dims.hpp"

namespace shapes {

using petra::index_t;
using petra::kernel::conv2d_dims;

struct channels {
  index_t c, o, groups;
};

// One that is valid and has 1 to `most` products.
inline conv2d_dims random_conv2d(petra::random& r, index_t most) {
  constexpr channels widths[] = {{1, 1, 1},   {3, 16, 1}, {2, 32, 1},  {16, 16, 1},  {5, 7, 1},   {17, 3, 1},
                                 {1, 48, 1},  {3, 3, 3},  {8, 8, 8},   {18, 18, 18}, {4, 8, 4},   {6, 4, 2},
                                 {16, 16, 4}, {8, 16, 2}, {12, 24, 4}, {24, 12, 3},  {10, 10, 2}, {16, 32, 8},
                                 {32, 32, 2}, {6, 18, 6}, {20, 4, 4},  {34, 34, 2},  {32, 32, 8}, {9, 15, 3}};
  auto const up_to = [&](index_t n) { return 1 + r.index(n); };
  for (;;) {
    channels const k = widths[r.index(24)];
    bool const series = r.index(3) == 0, wide = r.index(3) == 0;
    auto const step = [&] { return r.index(2) == 0 ? 1 : up_to(4); };
    index_t const n = up_to(r.index(4) == 0 ? 5 : 2);
    index_t const h = series ? 1 : up_to(9), w = series || wide ? up_to(70) : up_to(12);
    index_t const kernel_h = series ? 1 : up_to(4), kernel_w = series ? up_to(40) : up_to(wide ? 3 : 5);
    conv2d_dims d{n, h, w, k.c, k.o, kernel_h, kernel_w, {series ? 1 : step(), step()}, 0, k.groups, {step(), step()}};
    if (series && r.index(4) == 0) d.dilation.w = up_to(8);
    switch (r.index(4)) {
      case 0:  // the size is kept at stride 1, also by even kernels
        d.pad = {(d.reach_h() - 1) / 2, d.reach_h() / 2, (d.reach_w() - 1) / 2, d.reach_w() / 2};
        break;
      case 1:  // causal
        d.pad = {d.reach_h() - 1, 0, d.reach_w() - 1, 0};
        break;
      case 2:
        d.pad = {r.index(3), r.index(4), r.index(4), r.index(3)};
        break;
      default:
        break;
    }
    if (d.valid() && d.macs() <= most) return d;
  }
}

}  // namespace shapes
