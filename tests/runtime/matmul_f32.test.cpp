// runtime/matmul_f32.hpp and its layouts against sums in double; every operand ends at a protected page.
#include "petra/runtime/matmul_f32.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "../kernel/guarded_page.hpp"
#include "petra/core/random.hpp"

namespace {

using namespace petra;
using rt::matmul_shape;

constexpr index_t room = 1 << 17;
struct memory {
  guarded::array<float> x{room}, w{room}, packed{room}, bias{1024}, y{room};
  memory() {
    petra::random r(11);
    for (index_t i = 0; i < room; ++i) x[i] = r.uniform(-1.f, 1.f), w[i] = r.uniform(-1.f, 1.f);
    for (index_t i = 0; i < bias.size(); ++i) bias[i] = r.uniform(-2.f, 8.f);
  }
};

double clamp(matmul_shape::activation f, double v) {
  if (f != matmul_shape::activation::none && v < 0) return 0;
  return f == matmul_shape::activation::relu6 && v > 6 ? 6 : v;
}

// True when every output lies within k * eps * sum |x w| of the exact one and nothing between the rows is written.
template <class Shape>
bool agrees(memory& all, Shape shape, bool biased) {
  matmul_shape const s = shape;
  index_t const outputs = (s.m - 1) * s.y_step() + s.n;
  float const* const x = all.x.data() + room - ((s.m - 1) * s.x_step() + s.k);
  float const* const w = all.w.data() + room - ((s.k - 1) * s.w_step() + s.n);
  float const* const bias = biased ? all.bias.data() + all.bias.size() - s.n : nullptr;
  float* const y = all.y.data() + room - outputs;
  float* const packed = all.packed.data() + room - rt::packed_size(s);
  for (index_t i = 0; i < outputs; ++i) y[i] = 77.f;
  if (s.packed) rt::pack(s, w, packed);
  rt::matmul_f32(shape, x, s.packed ? packed : w, bias, y);
  for (index_t i = 0; i < s.m; ++i)
    for (index_t j = 0; j < s.y_step() && i * s.y_step() + j < outputs; ++j) {
      double const found = static_cast<double>(y[i * s.y_step() + j]);
      if (j >= s.n) {
        if (found != 77.) return false;
        continue;
      }
      double sum = biased ? static_cast<double>(bias[j]) : 0.0, size = std::abs(sum);
      for (index_t k = 0; k < s.k; ++k) {
        double const term = static_cast<double>(x[i * s.x_step() + k]) * static_cast<double>(w[k * s.w_step() + j]);
        sum += term;
        size += std::abs(term);
      }
      if (!(std::abs(found - clamp(s.f, sum)) <= 0x1p-23 * static_cast<double>(s.k + 1) * size)) return false;
    }
  return true;
}

void check(memory& all, matmul_shape const& s, bool biased) {
  CAPTURE(s.m);
  CAPTURE(s.n);
  CAPTURE(s.k);
  CAPTURE(s.packed);
  REQUIRE(agrees(all, s, biased));
}

TEST_CASE("matmul_f32: sizes around every tile, packed and not, bias, activations, rows apart") {
  memory all;
  index_t turn = 0;
  for (index_t const m : {1, 2, 3, 4, 7, 8, 12, 13, 16, 24, 29, 53})
    for (index_t const n : {1, 3, 4, 7, 8, 15, 16, 17, 31, 32, 33, 47, 64, 70})
      for (index_t const k : {1, 2, 3, 4, 7, 16, 21})
        for (bool const packed : {false, true}) {
          ++turn;
          check(all,
                {.m = m,
                 .n = n,
                 .k = k,
                 .x_row = turn % 2 == 0 ? k + turn % 3 : 0,
                 .w_row = turn % 5 == 0 ? n + 3 : 0,
                 .y_row = turn % 7 == 0 ? n + 2 : 0,
                 .packed = packed,
                 .f = static_cast<matmul_shape::activation>(turn % 3)},
                turn % 4 != 0);
        }
  for (bool const packed : {false, true}) {
    check(all, {.m = 1, .n = 300, .k = 70, .packed = packed}, true);
    check(all, {.m = 1, .n = 513, .k = 33, .packed = packed, .f = matmul_shape::activation::relu}, true);
    check(all, {.m = 40, .n = 100, .k = 150, .packed = packed}, true);
  }
}

TEST_CASE("matmul_f32: literal extents") {
  using rt::fixed;
  constexpr auto relu = matmul_shape::activation::relu, relu6 = matmul_shape::activation::relu6;
  memory all;
  CHECK(agrees(all, fixed<matmul_shape{.m = 8, .n = 8, .k = 8}>{}, true));
  CHECK(agrees(all, fixed<matmul_shape{.m = 16, .n = 16, .k = 16, .packed = true, .f = relu6}>{}, true));
  CHECK(agrees(all, fixed<matmul_shape{.m = 29, .n = 35, .k = 9, .f = relu}>{}, false));
  CHECK(agrees(all, fixed<matmul_shape{.m = 70, .n = 65, .k = 64, .y_row = 80, .packed = true}>{}, true));
  CHECK(agrees(all, fixed<matmul_shape{.m = 8, .n = 8, .k = 8, .packed = true, .f = relu}>{}, false));
  CHECK(agrees(all, fixed<matmul_shape{.m = 39, .n = 7, .k = 5, .x_row = 6, .y_row = 9}>{}, true));
  CHECK(agrees(all, fixed<matmul_shape{.m = 100, .n = 6, .k = 4, .packed = true}>{}, true));
  CHECK(agrees(all, fixed<matmul_shape{.m = 31, .n = 13, .k = 33, .w_row = 14}>{}, true));
  CHECK(agrees(all, fixed<matmul_shape{.n = 16, .k = 16, .packed = true, .f = relu}>{}, true));
  CHECK(agrees(all, fixed<matmul_shape{.n = 64, .k = 64, .packed = true}>{}, false));
  CHECK(agrees(all, fixed<matmul_shape{.n = 10, .k = 67, .packed = true}>{}, true));
  CHECK(agrees(all, fixed<matmul_shape{.n = 43, .k = 30, .f = relu6}>{}, true));
  CHECK(agrees(all, fixed<matmul_shape{.n = 300, .k = 130, .packed = true}>{}, true));
}

TEST_CASE("matmul_f32: 10,000 random shapes") {
  memory all;
  petra::random r(3);
  for (int turn = 0; turn < 10000; ++turn) {
    index_t const n = 1 + r.index(turn % 4 == 1 ? 90 : 40), k = 1 + r.index(turn % 4 == 2 ? 60 : 12);
    check(all,
          {.m = turn % 3 == 0 ? 1 : 1 + r.index(turn % 4 == 0 ? 60 : 14),
           .n = n,
           .k = k,
           .x_row = k + r.index(3),
           .w_row = n + r.index(3),
           .y_row = n + r.index(3),
           .packed = r.index(2) == 0,
           .f = static_cast<matmul_shape::activation>(r.index(3))},
          r.index(2) == 0);
  }
}

TEST_CASE("matmul_f32: NaN arrives where it belongs, past every activation") {
  memory all;
  float* const x = all.x.data() + room - 5 * 6;
  x[2 * 6 + 3] = std::numeric_limits<float>::quiet_NaN();
  for (int f = 0; f < 3; ++f) {
    matmul_shape const s{.m = 5, .n = 20, .k = 6, .f = static_cast<matmul_shape::activation>(f)};
    rt::matmul_f32(s, x, all.w.data(), nullptr, all.y.data());
    for (index_t i = 0; i < 5 * 20; ++i) REQUIRE(std::isnan(all.y[i]) == (i / 20 == 2));
  }
}

TEST_CASE("matmul_f32: infinity of the last, odd input stays infinity") {
  using rt::fixed;
  memory all;
  float const inf = std::numeric_limits<float>::infinity();
  float* const x = all.x.data() + room - 12 * 3;
  float* const w = all.w.data() + room - 3 * 16;
  for (index_t i = 0; i < 3 * 16; ++i) w[i] = 1;
  x[7 * 3 + 2] = inf;
  auto const only_row_7 = [&](auto shape, index_t n) {
    rt::matmul_f32(shape, x, w, nullptr, all.y.data());
    for (index_t i = 0; i < 12 * n; ++i)
      if ((all.y[i] == inf) != (i / n == 7)) return false;
    return true;
  };
  CHECK(only_row_7(matmul_shape{.m = 12, .n = 16, .k = 3}, 16));
  CHECK(only_row_7(fixed<matmul_shape{.m = 12, .n = 8, .k = 3}>{}, 8));
}

constexpr bool packs() {
  float const w[] = {1, 2, 3, 4, 5, 6};  // (2, 3)
  float row[16]{}, block[32]{};
  matmul_shape s{.m = 1, .n = 3, .k = 2, .packed = true};
  rt::pack(s, w, row);
  bool right = rt::packed_size(s) == 16 && row[0] == 1 && row[1] == 2 && row[2] == 3 && row[3] == 0 && row[4] == 4 &&
               row[6] == 6 && row[8] == 0;
  s.m = 2;
  rt::pack(s, w, block);
  return right && rt::packed_size(s) == 32 && block[0] == 1 && block[2] == 3 && block[3] == 0 && block[16] == 4;
}
static_assert(packs());

}  // namespace
