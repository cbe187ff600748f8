// runtime/pool_f32.hpp against plain loops in double.
#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "../kernel/guarded_page.hpp"
#include "petra/core/random.hpp"
#include "petra/runtime/pool_f32.hpp"

namespace {

using namespace petra;
using rt::pool_f32_shape;

template <class Shape>
bool agrees(Shape shape, bool mean) {
  pool_f32_shape const s = shape;
  petra::random r(key(10, s.in.c, s.kernel_h, s.in.w));
  guarded::array<float> x(s.in.elements()), y(s.out.elements());
  for (float& v : x.span()) v = 1e9f;
  for (index_t i = 0; i < s.in.h; ++i)
    for (index_t j = 0; j < s.in.w * s.in.c; ++j) x[s.in.origin() + i * s.in.row() + j] = r.normal();
  if (mean)
    rt::avg_pool_f32(shape, x.data(), y.data());
  else
    rt::max_pool_f32(shape, x.data(), y.data());
  index_t const halo = s.out.halo;
  for (index_t i = -s.out.halo_h; i < s.out.h + s.out.halo_h; ++i)
    for (index_t j = -halo; j < s.out.w + halo; ++j)
      for (index_t c = 0; c < s.out.c; ++c) {
        double sum = 0, largest = -1e30, count = 0;
        for (index_t a = i * s.stride - s.pad_h; a < i * s.stride - s.pad_h + s.kernel_h; ++a)
          for (index_t b = j * s.stride - s.pad; b < j * s.stride - s.pad + s.kernel_w; ++b) {
            if (a < 0 || a >= s.in.h || b < 0 || b >= s.in.w) continue;
            double const v = static_cast<double>(x[s.in.origin() + a * s.in.row() + b * s.in.c + c]);
            sum += v;
            ++count;
            largest = v > largest ? v : largest;
          }
        double want = i < 0 || i >= s.out.h || j < 0 || j >= s.out.w ? 0 : mean ? sum / count : largest;
        if (s.relu && want < 0) want = 0;
        double const found = static_cast<double>(y[s.out.origin() + i * s.out.row() + j * s.out.c + c]);
        if (!(std::abs(found - want) <= (mean ? 1e-5 : 0))) return false;
      }
  return true;
}

TEST_CASE("pool_f32: shapes") {
  for (index_t const c : {1, 3, 8, 16, 17, 64})
    for (index_t const kernel : {1, 2, 3})
      for (index_t const stride : {1, 2})
        for (index_t pad = 0; pad < kernel; ++pad)
          for (bool const mean : {false, true}) {
            CAPTURE(c);
            CAPTURE(kernel);
            CAPTURE(pad);
            CAPTURE(mean);
            REQUIRE(agrees(pool_f32_shape{.in = {7, 6, c, 1},
                                          .out = {(7 + 2 * pad - kernel) / stride + 1,
                                                  (6 + 2 * pad - kernel) / stride + 1, c, c % 2},
                                          .kernel_h = kernel,
                                          .kernel_w = kernel,
                                          .stride = stride,
                                          .pad = pad,
                                          .relu = c % 3 == 0},
                           mean));
          }
}

TEST_CASE("pool_f32: series") {
  for (index_t const c : {1, 17, 64})
    for (index_t const taps : {2, 3, 8})
      for (index_t const stride : {1, 2})
        for (bool const mean : {false, true})
          REQUIRE(agrees(pool_f32_shape{.in = {1, 30, c, 2, 0},
                                        .out = {1, 29 / stride + 1, c, 1, 0},
                                        .kernel_w = taps,
                                        .stride = stride,
                                        .pad = (taps - 1) / 2,
                                        .pad_h = 0},
                         mean));
}

TEST_CASE("pool_f32: a whole map; literal extents") {
  for (bool const mean : {false, true}) {
    for (index_t const c : {1, 10, 16, 40, 64, 100})
      REQUIRE(agrees(pool_f32_shape{.in = {8, 7, c, 1}, .out = {1, 1, c, 0}, .kernel_h = 8, .kernel_w = 7}, mean));
    REQUIRE(agrees(rt::fixed<pool_f32_shape{.in = {8, 8, 64, 1}, .out = {1, 1, 64, 0}, .kernel_h = 8, .kernel_w = 8}>{},
                   mean));
    REQUIRE(agrees(rt::fixed<pool_f32_shape{
                       .in = {8, 8, 20, 1}, .out = {4, 4, 20, 1}, .kernel_h = 2, .kernel_w = 2, .stride = 2}>{},
                   mean));
  }
}

TEST_CASE("pool_f32: 10,000 random shapes beside a protected page") {
  petra::random r(5);
  for (int turn = 0; turn < 10000; ++turn) {
    index_t const kernel = 1 + r.index(3), h = kernel + r.index(4), w = kernel + r.index(4), stride = 1 + r.index(2),
                  pad = r.index(kernel), c = 1 + r.index(36);
    pool_f32_shape const s{
        .in = {h, w, c, r.index(2)},
        .out = {(h + 2 * pad - kernel) / stride + 1, (w + 2 * pad - kernel) / stride + 1, c, r.index(2)},
        .kernel_h = kernel,
        .kernel_w = kernel,
        .stride = stride,
        .pad = pad,
        .relu = turn % 3 == 0};
    CAPTURE(turn);
    REQUIRE(agrees(s, turn % 2 == 0));
  }
}

}  // namespace
