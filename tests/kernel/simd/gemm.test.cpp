#include "petra/kernel/simd/gemm.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "../guarded_page.hpp"
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
    check({64, 33, 513}, order % 2, order / 2, order == 1, 0, 0, ws);
    check({40, 297, 300}, order % 2, order / 2, false, 1, 2, ws);  // large enough for B to be copied by the tiles
    check({110, 64, 1030}, order % 2, order / 2, order == 2, 0, 0, ws);
  }
}

TEST_CASE("gemm: one row, one column") {
  workspace ws;
  for (index_t const n : {1, 3, 16, 17, 64, 65, 200, 300})
    for (index_t const k : {0, 1, 5, 16, 17, 33})
      for (int order = 0; order < 9; ++order) {
        check({1, n, k}, order % 3, order / 3, n % 2 == 0, order % 2, 0, ws);
        check({n, 1, k}, order % 3, order / 3, n % 2 == 1, order % 2, order % 4, ws);
      }
}

TEST_CASE("gemm, packed: sizes around every tile and block, bias and activation") {
  namespace kernel = petra::kernel;
  int turn = 0;
  for (index_t const m : {1, 2, 5, 8, 13, 16, 25, 97})
    for (index_t const n : {1, 7, 16, 17, 32, 45, 270})
      for (index_t const k : {0, 1, 6, 530}) {
        ++turn;
        if (m * n * k > 3000000) continue;
        auto const f = static_cast<kernel::activation>(turn % 3);
        bool const accumulate = turn / 4 % 2 == 0, biased = turn % 5 != 0, transposed = turn % 7 == 0;
        operand const a(m * k, 1, turn % 2), b(k * n, 2), bias(n, 3, turn % 2, -3.f, 9.f);
        operand packed(kernel::packed_b_size(kernel::best, k, n), 4);
        operand c(m * n, 5, turn % 2);
        auto exact = c.values(), bound = c.magnitudes(), plain = b.values(), plain_bound = b.magnitudes();
        index_t const b_row = transposed ? 1 : n, b_col = transposed ? k : 1;
        kernel::pack_b(kernel::scalar_tag{}, k, n, b.values().data(), b_row, b_col, plain.data());
        kernel::pack_b(kernel::scalar_tag{}, k, n, b.magnitudes().data(), b_row, b_col, plain_bound.data());
        kernel::pack_b(kernel::best, k, n, b.data(), b_row, b_col, packed.data());
        kernel::gemm_packed(kernel::scalar_tag{}, {m, n, k}, a.values().data(), k, 1, plain.data(),
                            biased ? bias.values().data() : nullptr, exact.data(), n, accumulate, f);
        kernel::gemm_packed(kernel::scalar_tag{}, {m, n, k}, a.magnitudes().data(), k, 1, plain_bound.data(),
                            biased ? bias.magnitudes().data() : nullptr, bound.data(), n, accumulate,
                            kernel::activation::none);
        kernel::gemm_packed(kernel::best, {m, n, k}, a.data(), k, 1, packed.data(), biased ? bias.data() : nullptr,
                            c.data(), n, accumulate, f);
        CAPTURE(m);
        CAPTURE(n);
        CAPTURE(k);
        REQUIRE(packed.guarded());
        REQUIRE(first_outside(c, exact, bound, static_cast<double>(k + 2)) == -1);
        REQUIRE(c.guarded());
      }
}

TEST_CASE("gemm: 10,000 random shapes, operands that end at a protected page") {
  constexpr index_t room = 16384;
  guarded::array<float> as(room), bs(room), cs(room), packs(room);
  petra::random r(7);
  for (index_t i = 0; i < room; ++i) as[i] = r.uniform(-1.f, 1.f), bs[i] = r.uniform(-1.f, 1.f);
  workspace ws;
  for (int turn = 0; turn < 10000; ++turn) {
    gemm_dims const d{1 + r.index(turn % 4 == 0 ? 60 : 15), 1 + r.index(turn % 4 == 1 ? 100 : 40),
                      r.index(turn % 4 == 2 ? 70 : 12)};
    strides const sa = strides_of(static_cast<int>(r.index(3)), d.m, d.k);
    strides const sb = strides_of(static_cast<int>(r.index(3)), d.k, d.n);
    index_t const c_row = d.n + r.index(3);
    bool const accumulate = r.index(2) == 0, packed = turn % 3 == 0;
    float const* const a = as.data() + room - extent(sa, d.m, d.k);
    float const* const b = bs.data() + room - extent(sb, d.k, d.n);
    float* const c = cs.data() + room - ((d.m - 1) * c_row + d.n);
    for (index_t i = 0; i < d.m * c_row - (c_row - d.n); ++i) c[i] = 0.5f;
    if (packed) {
      float* const p = packs.data() + room - petra::kernel::packed_b_size(petra::kernel::best, d.k, d.n);
      petra::kernel::pack_b(petra::kernel::best, d.k, d.n, b, sb.row, sb.col, p);
      petra::kernel::gemm_packed(petra::kernel::best, d, a, sa.row, sa.col, p, static_cast<float const*>(nullptr), c,
                                 c_row, accumulate, petra::kernel::activation::none);
    } else {
      gemm(petra::kernel::best, d, a, sa.row, sa.col, b, sb.row, sb.col, c, c_row, accumulate, ws);
    }
    bool right = true;
    for (index_t i = 0; i < d.m; ++i)
      for (index_t j = 0; j < c_row && (j < d.n || i + 1 < d.m); ++j) {
        double sum = accumulate || j >= d.n ? 0.5 : 0.0, size = sum;
        for (index_t k = 0; j < d.n && k < d.k; ++k) {
          double const term =
              static_cast<double>(a[i * sa.row + k * sa.col]) * static_cast<double>(b[k * sb.row + j * sb.col]);
          sum += term;
          size += std::fabs(term);
        }
        right &= std::fabs(static_cast<double>(c[i * c_row + j]) - sum) <= 0x1p-23 * static_cast<double>(d.k) * size;
      }
    CAPTURE(d.m);
    CAPTURE(d.n);
    CAPTURE(d.k);
    REQUIRE(right);
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
