// kernel/simd/gemm_bf16.hpp and its tile against sums in double: k * eps * sum |a b|.
#include "petra/kernel/simd/gemm_bf16.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "../guarded_page.hpp"
#include "petra/core/random.hpp"

using petra::index_t;
using namespace petra::kernel;

namespace {

struct strides {
  index_t row, col;
};
strides strides_of(index_t order, index_t rows, index_t cols) {
  if (order == 0) return {cols, 1};
  if (order == 1) return {1, rows};
  return {2 * cols + 1, 2};
}
index_t extent(strides s, index_t rows, index_t cols) {
  return rows == 0 || cols == 0 ? 0 : (rows - 1) * s.row + (cols - 1) * s.col + 1;
}

constexpr index_t room = 1 << 20;
struct memory {
  guarded::array<bf16> a{room}, b{room}, packed{room};
  guarded::array<float> c{room}, bias{2048};
  workspace scratch;
  memory() {
    petra::random r(5);
    for (index_t i = 0; i < room; ++i) a[i] = to_bf16(r.uniform(-1.f, 1.f)), b[i] = to_bf16(r.uniform(-1.f, 1.f));
    for (index_t i = 0; i < bias.size(); ++i) bias[i] = r.uniform(-2.f, 8.f);
  }
};

struct flags {
  index_t a_order, b_order, gap;
  bool accumulate, packed, biased;
  activation f;
};

// Every operand ends at a protected page.
bool right(memory& all, gemm_dims d, flags const& how) {
  strides const as = strides_of(how.a_order, d.m, d.k), bs = strides_of(how.b_order, d.k, d.n);
  index_t const c_row = d.n + how.gap, size = (d.m - 1) * c_row + d.n;
  bf16 const* const a = all.a.data() + room - extent(as, d.m, d.k);
  bf16 const* const b = all.b.data() + room - extent(bs, d.k, d.n);
  float const* const bias = how.packed && how.biased ? all.bias.data() + all.bias.size() - d.n : nullptr;
  float* const c = all.c.data() + room - size;
  for (index_t i = 0; i < size; ++i) c[i] = 0.5f;
  if (how.packed) {
    bf16* const p = all.packed.data() + room - packed_b_bf16_size(best, d.k, d.n);
    pack_b_bf16(best, d.k, d.n, b, bs.row, bs.col, p);
    gemm_bf16_packed(best, d, a, as.row, as.col, p, bias, c, c_row, how.accumulate, how.f, all.scratch);
  } else {
    gemm_bf16(best, d, a, as.row, as.col, b, bs.row, bs.col, c, c_row, how.accumulate, all.scratch);
  }
  for (index_t i = 0; i < d.m; ++i)
    for (index_t j = 0; j < c_row && i * c_row + j < size; ++j) {
      double const found = static_cast<double>(c[i * c_row + j]);
      if (j >= d.n) {
        if (found != 0.5) return false;
        continue;
      }
      double sum = how.accumulate ? 0.5 : 0.0;
      if (bias != nullptr) sum += static_cast<double>(bias[j]);
      double bound = std::fabs(sum);
      for (index_t k = 0; k < d.k; ++k) {
        double const term = static_cast<double>(to_float(a[i * as.row + k * as.col])) *
                            static_cast<double>(to_float(b[k * bs.row + j * bs.col]));
        sum += term;
        bound += std::fabs(term);
      }
      if (how.packed) sum = activate(how.f, sum);
      if (!(std::fabs(found - sum) <= 0x1p-23 * static_cast<double>(d.k + 1) * bound)) return false;
    }
  return true;
}

void check(memory& all, gemm_dims d, flags const& how) {
  CAPTURE(d.m);
  CAPTURE(d.n);
  CAPTURE(d.k);
  CAPTURE(how.a_order);
  CAPTURE(how.b_order);
  CAPTURE(how.packed);
  CAPTURE(how.accumulate);
  REQUIRE(right(all, d, how));
}

}  // namespace

TEST_CASE("gemm_bf16: sizes around every tile and block") {
  memory all;
  index_t turn = 0;
  for (index_t const m : {1, 3, 4, 7, 8, 12, 13, 16, 29})
    for (index_t const n : {1, 7, 16, 17, 32, 33, 70})
      for (index_t const k : {0, 1, 2, 5, 16, 33}) {
        ++turn;
        check(all, {m, n, k}, {turn % 3, turn / 3 % 3, turn % 2, turn % 2 == 0, false, false, activation::none});
        check(all, {m, n, k},
              {turn % 3, turn / 3 % 3, 0, turn % 2 == 1, true, turn % 5 != 0, static_cast<activation>(turn % 3)});
      }
  for (index_t order = 0; order < 4; ++order)
    for (bool const packed : {false, true}) {
      check(all, {101, 40, 70}, {order % 2, order / 2, 0, false, packed, true, activation::relu});
      check(all, {9, 290, 34}, {order % 2, order / 2, 1, true, packed, true, activation::relu6});
      check(all, {14, 33, 1031}, {order % 2, order / 2, 0, false, packed, true, activation::none});
    }
}

TEST_CASE("gemm_bf16: 10,000 random shapes, operands that end at a protected page") {
  memory all;
  petra::random r(7);
  for (index_t turn = 0; turn < 10000; ++turn) {
    gemm_dims const d{1 + r.index(turn % 4 == 0 ? 40 : 14), 1 + r.index(turn % 4 == 1 ? 80 : 40),
                      r.index(turn % 4 == 2 ? 60 : 12)};
    check(all, d,
          {r.index(3), r.index(3), r.index(3), r.index(2) == 0, r.index(2) == 0, r.index(2) == 0,
           static_cast<activation>(r.index(3))});
  }
}

TEST_CASE("gemm_bf16: NaN arrives where it belongs") {
  memory all;
  bf16 const old = all.a[room - 20 * 21 + 3 * 21 + 20];
  all.a[room - 20 * 21 + 3 * 21 + 20] = to_bf16(std::numeric_limits<float>::quiet_NaN());
  float* const c = all.c.data();
  gemm_bf16(best, {20, 20, 21}, all.a.data() + room - 20 * 21, 21, 1, all.b.data(), 20, 1, c, 20, false, all.scratch);
  for (index_t i = 0; i < 20; ++i)
    for (index_t j = 0; j < 20; ++j) REQUIRE(std::isnan(c[i * 20 + j]) == (i == 3));
  all.a[room - 20 * 21 + 3 * 21 + 20] = old;
}
