#include "petra/kernel/simd/gemv.hpp"

#include <doctest/doctest.h>

#include "../operands.hpp"

using operands::operand;
using petra::index_t;
using namespace petra::kernel::simd;

namespace {

// Whether y = (accumulate ? before : 0) + the sums of x (K) times rows (M or N, K) at `row` and `col`.
bool right(operand const& y, operand const& before, index_t y_step, index_t n, index_t k, operand const& x,
           index_t x_step, operand const& a, index_t row, index_t col, bool accumulate) {
  for (index_t i = 0; i < n; ++i) {
    double sum = accumulate ? static_cast<double>(before[i * y_step]) : 0.0, size = std::fabs(sum);
    for (index_t j = 0; j < k; ++j) {
      double const term = static_cast<double>(x[j * x_step]) * static_cast<double>(a[i * row + j * col]);
      sum += term;
      size += std::fabs(term);
    }
    double const bound = 0x1p-23 * static_cast<double>(k + 1) * size;
    if (!(std::fabs(static_cast<double>(y[i * y_step]) - sum) <= bound)) return false;
    for (index_t gap = 1; gap < y_step && i + 1 < n; ++gap)
      if (y[i * y_step + gap] != before[i * y_step + gap]) return false;
  }
  return y.guarded();
}

}  // namespace

TEST_CASE("vector_matrix: every width of block, rows anywhere, accumulating") {
  for (index_t const n :
       {index_t{1}, lanes - 1, lanes, lanes + 1, 4 * lanes, 5 * lanes + 2, 16 * lanes, 21 * lanes + 3})
    for (index_t const k : {0, 1, 2, 7, 8, 9, 19})
      for (index_t const shift : operands::misalignments) {
        index_t const b_row = n + shift, x_step = 1 + shift;
        operand const x(k == 0 ? 0 : (k - 1) * x_step + 1, 1, shift);
        operand const b(k == 0 ? 0 : (k - 1) * b_row + n, 2, shift);
        operand y(n, 3, shift), before(n, 3, shift);
        vector_matrix(k, n, x.data(), x_step, b.data(), b_row, y.data(), shift == 1);
        REQUIRE(right(y, before, 1, n, k, x, x_step, b, 1, b_row, shift == 1));
      }
}

TEST_CASE("dot_products: rows by eight and one by one, every remainder of a row, results apart") {
  for (index_t const m : {1, 7, 8, 9, 17})
    for (index_t const k : {index_t{0}, index_t{1}, lanes - 1, lanes, lanes + 1, 3 * lanes + 2})
      for (index_t const shift : operands::misalignments) {
        index_t const a_row = k + shift, y_step = 1 + shift;
        operand const x(k, 1, shift), a((m - 1) * a_row + k, 2, shift);
        operand y((m - 1) * y_step + 1, 3, shift), before(y.size(), 3, shift);
        dot_products(m, k, a.data(), a_row, x.data(), y.data(), y_step, shift == 1);
        REQUIRE(right(y, before, y_step, m, k, x, 1, a, a_row, 1, shift == 1));
      }
}
