// runtime/layer_norm_s8.hpp bit by bit against the specification, and near layer norm; operands end at protected pages.
#include "petra/runtime/layer_norm_s8.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "../kernel/guarded_page.hpp"
#include "petra/core/random.hpp"
#include "petra/kernel/reference/layer_norm_s8.hpp"

namespace {

using namespace petra;
using rt::layer_norm_s8_shape;

struct operands {
  guarded::array<std::int8_t> x, r, y;
  guarded::array<std::int32_t> gamma, beta;
  operands(layer_norm_s8_shape const& s, int size)
      : x(s.rows * s.cols), r(x.size()), y(x.size()), gamma(s.cols), beta(s.cols) {
    petra::random g(key(3, s.rows, s.cols, size));
    for (index_t i = 0; i < x.size(); ++i) {
      x[i] = static_cast<std::int8_t>(g.index(2 * size) - size);
      r[i] = static_cast<std::int8_t>(g.index(2 * size) - size);
    }
    for (index_t i = 0; i < s.cols; ++i) {
      gamma[i] = static_cast<std::int32_t>(g.index(65536)) - 32768;
      beta[i] = static_cast<std::int32_t>(g.index(1 << 28)) - (1 << 27);
    }
  }
};

template <class Rounding = rt::rounding::single, class Reference = kernel::round_once>
bool agrees(layer_norm_s8_shape const& s, bool residual, int size = 128) {
  operands o(s, size);
  std::vector<std::int8_t> want(static_cast<std::size_t>(o.y.size()));
  auto const* const r = residual ? o.r.data() : nullptr;
  rt::layer_norm_s8<Rounding>(s, o.x.data(), r, o.gamma.data(), o.beta.data(), o.y.data());
  kernel::layer_norm_s8<Reference>(kernel::scalar_tag{},
                                   {s.rows,
                                    s.cols,
                                    s.x_zero,
                                    s.x_factor,
                                    s.r_zero,
                                    s.r_factor,
                                    {s.out.multiplier, s.out.shift},
                                    s.out_zero,
                                    s.epsilon},
                                   o.x.data(), r, o.gamma.data(), o.beta.data(), want.data());
  for (index_t i = 0; i < o.y.size(); ++i)
    if (o.y[i] != want[static_cast<std::size_t>(i)]) return false;
  return true;
}

layer_norm_s8_shape shape(index_t rows, index_t cols, std::int32_t x_factor, std::int32_t r_factor) {
  return {rows, cols, 5, x_factor, -17, r_factor, rt::quantize_multiplier(0x1p-23 * 30), -4};
}

TEST_CASE("layer_norm_s8: lengths x factors x sizes") {
  for (index_t const cols : {1, 3, 7, 15, 16, 17, 21, 64, 130})
    for (std::int32_t const factor : {1, 13, 63})
      for (int const size : {1, 4, 128})
        for (bool const residual : {false, true}) {
          CAPTURE(cols);
          CAPTURE(factor);
          REQUIRE(agrees(shape(3, cols, factor, 63), residual, size));
          REQUIRE(agrees<rt::rounding::twice, kernel::round_twice>(shape(3, cols, factor, 40), residual, size));
        }
}

TEST_CASE("layer_norm_s8: many shapes") {
  petra::random r(key(19));
  for (int i = 0; i < 10000; ++i) {
    auto s = shape(1 + r.index(2), 1 + r.index(40), static_cast<std::int32_t>(r.index(64)),
                   static_cast<std::int32_t>(r.index(64)));
    if (i % 4 == 0) s.epsilon = std::int64_t{1} << r.index(59);
    REQUIRE(agrees(s, i % 2 == 0, 1 + static_cast<int>(r.index(128))));
  }
}

TEST_CASE("layer_norm_s8: close to a layer norm in float") {
  layer_norm_s8_shape const s{1, 64, 0, 63, 0, 21, rt::quantize_multiplier(0x1p-23 * 32), 0};  // y in units of 1/32
  operands o(s, 128);
  for (index_t i = 0; i < 64; ++i) o.gamma[i] = 2048, o.beta[i] = 0;
  rt::layer_norm_s8(s, o.x.data(), o.r.data(), o.gamma.data(), o.beta.data(), o.y.data());
  double mean = 0, variance = 0, v[64];
  for (int i = 0; i < 64; ++i) mean += (v[i] = 3. * o.x[i] + o.r[i]) / 64;
  for (double e : v) variance += (e - mean) * (e - mean) / 64;
  for (int i = 0; i < 64; ++i) CHECK(std::fabs(o.y[i] - 32 * (v[i] - mean) / std::sqrt(variance)) < 0.55);
}

// Against 256 epsilon as large as the squares' mean, the deviation is the square root of two times as large.
TEST_CASE("layer_norm_s8: epsilon is part of the variance") {
  layer_norm_s8_shape s{1, 16, 0, 1, 0, 0, rt::quantize_multiplier(0x1p-23 * 32), 0};  // y in units of 1/32
  std::int8_t x[16], y[16];
  std::int32_t gamma[16], beta[16] = {};
  for (int i = 0; i < 16; ++i) x[i] = static_cast<std::int8_t>(i % 2 == 0 ? 100 : -100), gamma[i] = 2048;
  rt::layer_norm_s8(s, x, nullptr, gamma, beta, y);
  CHECK(y[0] == 32);
  s.epsilon = 256 * 100 * 100;
  rt::layer_norm_s8(s, x, nullptr, gamma, beta, y);
  CHECK(y[0] == 23);  // 32 / sqrt(2)
}

TEST_CASE("floor_root: near squares") {
  for (std::int64_t i = 0; i < 40; ++i)
    for (std::int64_t const n : {i, (std::int64_t{1} << 20) + i, (std::int64_t{1} << 30) - 1 - i}) {
      CHECK(rt::floor_root(n * n) == n);
      CHECK(rt::floor_root(n * n + 2 * n) == n);
    }
}

}  // namespace
