// runtime/pool_s8.hpp bit by bit against the specification.
#include <doctest/doctest.h>

#include <vector>

#include "../kernel/guarded_page.hpp"
#include "petra/core/random.hpp"
#include "petra/kernel/reference/pool_s8.hpp"
#include "petra/runtime/pool_s8.hpp"

namespace {

using namespace petra;
using rt::pool_shape;

// 0: maximum, 1: mean rounded once, 2: mean rounded twice.
template <class Shape>
bool agrees(Shape shape, int kind) {
  pool_shape const s = shape;
  petra::random r(key(3, s.in.c, s.kernel_h, s.in.w));
  kernel::pool_s8_dims const d{.h = s.in.h,
                               .w = s.in.w,
                               .c = s.in.c,
                               .kernel_h = s.kernel_h,
                               .kernel_w = s.kernel_w,
                               .stride = s.stride,
                               .pad = s.pad,
                               .in_zero = s.in_zero,
                               .multiplier = s.scale.multiplier,
                               .shift = s.scale.shift,
                               .out_zero = s.out_zero,
                               .out_min = s.out_min,
                               .out_max = s.out_max,
                               .top = s.pad_h,
                               .bottom = (s.out.h - 1) * s.stride + s.kernel_h - s.pad_h - s.in.h,
                               .right = (s.out.w - 1) * s.stride + s.kernel_w - s.pad - s.in.w};
  guarded::array<std::int8_t> x(s.in.elements()), y(s.out.elements());
  for (std::int8_t& v : x.span()) v = 127;
  std::vector<std::int8_t> dense, want;
  for (index_t i = 0; i < s.in.h; ++i)
    for (index_t j = 0; j < s.in.w * s.in.c; ++j) {
      auto const v = static_cast<std::int8_t>(r.index(256) - 128);
      x[s.in.origin() + i * s.in.row() + j] = v;
      dense.push_back(v);
    }
  want.resize(static_cast<std::size_t>(s.out.pixels() * s.out.c));
  if (kind == 0) {
    kernel::max_pool_s8(kernel::scalar_tag{}, d, dense.data(), want.data());
    rt::max_pool_s8(shape, x.data(), y.data());
  } else if (kind == 1) {
    kernel::avg_pool_s8<kernel::round_once>(kernel::scalar_tag{}, d, dense.data(), want.data());
    rt::avg_pool_s8<rt::rounding::single>(shape, x.data(), y.data());
  } else {
    kernel::avg_pool_s8<kernel::round_twice>(kernel::scalar_tag{}, d, dense.data(), want.data());
    rt::avg_pool_s8<rt::rounding::twice>(shape, x.data(), y.data());
  }
  index_t const halo = s.out.halo;
  for (index_t i = -s.out.halo_h; i < s.out.h + s.out.halo_h; ++i)
    for (index_t j = -halo * s.out.c; j < (s.out.w + halo) * s.out.c; ++j) {
      bool const inside = i >= 0 && i < s.out.h && j >= 0 && j < s.out.w * s.out.c;
      std::int32_t const expected = inside ? want[static_cast<std::size_t>(i * s.out.w * s.out.c + j)] : s.out_zero;
      if (y[s.out.origin() + i * s.out.row() + j] != expected) return false;
    }
  return true;
}

pool_shape pool(index_t h, index_t w, index_t c, index_t kernel, index_t stride, index_t pad) {
  return {.in = {h, w, c, 1},
          .out = {(h + 2 * pad - kernel) / stride + 1, (w + 2 * pad - kernel) / stride + 1, c, c % 2},
          .kernel_h = kernel,
          .kernel_w = kernel,
          .stride = stride,
          .pad = pad,
          .in_zero = 13,
          .scale = rt::quantize_multiplier(0.7),
          .out_zero = -6};
}

TEST_CASE("pool_s8: shapes") {
  for (index_t const c : {1, 3, 8, 16, 17, 64, 80})
    for (index_t const kernel : {1, 2, 3})
      for (index_t const stride : {1, 2})
        for (index_t pad = 0; pad < kernel; ++pad)
          for (int kind = 0; kind < 3; ++kind) {
            CAPTURE(c);
            CAPTURE(kernel);
            CAPTURE(pad);
            CAPTURE(kind);
            REQUIRE(agrees(pool(7, 6, c, kernel, stride, pad), kind));
          }
}

TEST_CASE("pool_s8: series") {
  for (index_t const c : {1, 17, 64})
    for (index_t const taps : {2, 3, 8})
      for (index_t const stride : {1, 2})
        for (int kind = 0; kind < 3; ++kind) {
          index_t const left = (taps - 1) / 2;  // one more behind where taps are even
          REQUIRE(agrees(pool_shape{.in = {1, 30, c, 2, 0},
                                    .out = {1, 29 / stride + 1, c, 1, 0},
                                    .kernel_w = taps,
                                    .stride = stride,
                                    .pad = left,
                                    .in_zero = 13,
                                    .scale = rt::quantize_multiplier(0.7),
                                    .out_zero = -6,
                                    .pad_h = 0},
                         kind));
        }
}

TEST_CASE("pool_s8: a whole map, and grids") {
  for (index_t const c : {1, 5, 10, 16, 32, 40, 64, 100}) {
    pool_shape s = pool(8, 8, c, 8, 1, 0);
    for (int kind = 0; kind < 3; ++kind) REQUIRE(agrees(s, kind));
    s.in_zero = -128, s.out_zero = 127, s.scale = rt::quantize_multiplier(1.9);
    for (int kind = 0; kind < 3; ++kind) REQUIRE(agrees(s, kind));
    s.out_min = 0, s.out_max = 50, s.scale = rt::quantize_multiplier(1e-9);
    for (int kind = 0; kind < 3; ++kind) REQUIRE(agrees(s, kind));
  }
}

TEST_CASE("pool_s8: literal extents") {
  constexpr pool_shape global{.in = {8, 8, 64, 1},
                              .out = {1, 1, 64, 0},
                              .kernel_h = 8,
                              .kernel_w = 8,
                              .in_zero = -128,
                              .scale = rt::quantize_multiplier(1.4),
                              .out_zero = -128};
  constexpr pool_shape windows{
      .in = {8, 8, 20, 1}, .out = {4, 4, 20, 1}, .kernel_h = 3, .kernel_w = 3, .stride = 2, .pad = 1};
  for (int kind = 0; kind < 3; ++kind) {
    REQUIRE(agrees(rt::fixed<global>{}, kind));
    REQUIRE(agrees(rt::fixed<windows>{}, kind));
  }
}

TEST_CASE("pool_s8: 10,000 random shapes beside a protected page") {
  petra::random r(4);
  for (int turn = 0; turn < 10000; ++turn) {
    index_t const kernel = 1 + r.index(3), h = kernel + r.index(4), w = kernel + r.index(4);
    pool_shape s = pool(h, w, 1 + r.index(36), kernel, 1 + r.index(2), r.index(kernel));
    s.in.halo = s.in.halo_h = r.index(2), s.out.halo = s.out.halo_h = r.index(2);
    CAPTURE(turn);
    REQUIRE(agrees(s, turn % 3));
  }
}

}  // namespace
