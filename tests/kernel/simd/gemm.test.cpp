#include "petra/kernel/simd/gemm.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "../operands.hpp"

using operands::operand;
using petra::index_t;
using petra::kernel::gemm;
using petra::kernel::gemm_dims;
using petra::kernel::workspace;

namespace {

// order 0: row-major, 1: transposed, 2: every second float of a row-major matrix.
struct strides {
  index_t row, col;
};
strides strides_of(int order, index_t rows, index_t cols) {
  if (order == 0) return {cols, 1};
  if (order == 1) return {1, rows};
  return {2 * cols, 2};
}
index_t extent(strides s, index_t rows, index_t cols) {
  return rows == 0 || cols == 0 ? 0 : (rows - 1) * s.row + (cols - 1) * s.col + 1;
}

void check(gemm_dims d, int a_order, int b_order, bool accumulate, index_t shift, index_t gap, workspace& ws) {
  CAPTURE(d.m);
  CAPTURE(d.n);
  CAPTURE(d.k);
  CAPTURE(a_order);
  CAPTURE(b_order);
  CAPTURE(accumulate);
  CAPTURE(shift);
  strides const as = strides_of(a_order, d.m, d.k), bs = strides_of(b_order, d.k, d.n);
  operand const a(extent(as, d.m, d.k), 1, shift), b(extent(bs, d.k, d.n), 2, shift);
  index_t const c_row = d.n + gap;
  operand c(d.m == 0 ? 0 : (d.m - 1) * c_row + d.n, 3, shift);
  auto exact = c.values(), bound = c.magnitudes();
  gemm(petra::kernel::scalar_tag{}, d, a.values().data(), as.row, as.col, b.values().data(), bs.row, bs.col,
       exact.data(), c_row, accumulate, ws);
  gemm(petra::kernel::scalar_tag{}, d, a.magnitudes().data(), as.row, as.col, b.magnitudes().data(), bs.row, bs.col,
       bound.data(), c_row, accumulate, ws);
  gemm(petra::kernel::best, d, a.data(), as.row, as.col, b.data(), bs.row, bs.col, c.data(), c_row, accumulate, ws);
  REQUIRE(first_outside(c, exact, bound, static_cast<double>(d.k + 1)) == -1);
  REQUIRE(c.guarded());
}

}  // namespace

TEST_CASE("gemm: sizes around every tile, all orders, against the reference") {
  workspace ws;
  int turn = 0;
  for (index_t const m : {1, 2, 3, 4, 5, 8, 15, 17})
    for (index_t const n : {1, 3, 4, 8, 15, 16, 17, 31, 32, 33, 50})
      for (index_t const k : {0, 1, 2, 4, 7, 19})
        for (int order = 0; order < 9; ++order, ++turn)
          check({m, n, k}, order % 3, order / 3, turn % 2 == 0, operands::misalignments[turn % 3],
                turn % 5 == 0 ? 3 : 0, ws);
}

TEST_CASE("gemm: more than one block of rows, columns and sums") {
  workspace ws;
  for (int order = 0; order < 4; ++order) {
    check({101, 20, 300}, order % 2, order / 2, false, 1, 0, ws);
    check({9, 530, 70}, order % 2, order / 2, true, 0, 0, ws);
    check({200, 40, 80}, order % 2, order / 2, false, 3, 1, ws);
    check({64, 33, 513}, order % 2, order / 2, true, 0, 0, ws);
  }
}

TEST_CASE("gemm: nothing to do, and sums of nothing") {
  workspace ws;
  check({0, 5, 3}, 0, 0, false, 0, 0, ws);
  check({5, 0, 3}, 0, 0, false, 0, 0, ws);
  check({0, 0, 0}, 0, 0, true, 0, 0, ws);
}

TEST_CASE("gemm: the same bits at every alignment and in every call") {
  workspace ws;
  gemm_dims const d{37, 43, 290};
  operand const first_a(d.m * d.k, 1), first_b(d.k * d.n, 2);
  operand first(d.m * d.n, 3);
  gemm(petra::kernel::best, d, first_a.data(), d.k, 1, first_b.data(), d.n, 1, first.data(), d.n, false, ws);
  for (index_t const shift : operands::misalignments) {
    operand const a(d.m * d.k, 1, shift), b(d.k * d.n, 2, shift);
    operand c(d.m * d.n, 4, shift);
    workspace other;
    gemm(petra::kernel::best, d, a.data(), d.k, 1, b.data(), d.n, 1, c.data(), d.n, false, shift == 1 ? ws : other);
    CHECK(identical(first, c));
  }
}

TEST_CASE("gemm: double falls back to the reference") {
  workspace ws;
  double const a[] = {1, 2}, b[] = {3, 4};
  double c = 0;
  gemm(petra::kernel::best, {1, 1, 2}, a, 2, 1, b, 1, 1, &c, 1, false, ws);
  CHECK(c == 11);
}

TEST_CASE("gemm: NaN and infinity arrive where they belong") {
  workspace ws;
  operand a(20 * 20, 1), b(20 * 20, 2), c(20 * 20, 3);
  a.data()[3 * 20 + 5] = std::numeric_limits<float>::quiet_NaN();
  gemm(petra::kernel::best, {20, 20, 20}, a.data(), 20, 1, b.data(), 20, 1, c.data(), 20, false, ws);
  for (index_t i = 0; i < 20; ++i)
    for (index_t j = 0; j < 20; ++j) REQUIRE(std::isnan(c[i * 20 + j]) == (i == 3));
}
