#include "petra/kernel/simd/column_sum.hpp"

#include <doctest/doctest.h>

#include "../operands.hpp"

using operands::operand;
using petra::index_t;
using petra::kernel::column_sum;

TEST_CASE("column_sum: rows x columns x misalignments against the reference") {
  for (index_t const rows : {0, 1, 2, 5, 127, 128, 129, 300})
    for (index_t const cols : {1, 3, 4, 7, 8, 15, 16, 17, 32, 50, 64, 71, 130})
      for (index_t const shift : operands::misalignments) {
        operand const x(rows * cols, 1, shift);
        operand sum(cols, 2, shift);
        auto exact = sum.values(), bound = sum.magnitudes();
        column_sum(petra::kernel::scalar_tag{}, rows, cols, x.values().data(), exact.data());
        column_sum(petra::kernel::scalar_tag{}, rows, cols, x.magnitudes().data(), bound.data());
        column_sum(petra::kernel::best, rows, cols, x.data(), sum.data());
        REQUIRE(first_outside(sum, exact, bound, static_cast<double>(rows + 1)) == -1);
        REQUIRE(sum.guarded());
      }
}

TEST_CASE("column_sum: sums in blocks, so the error does not grow with the number of rows") {
  index_t const rows = 200000;
  operand const x(rows * 3, 1, 0, 0.f, 1.f);
  operand sum(3, 2);
  for (index_t i = 0; i < 3; ++i) sum.data()[i] = 0;
  std::vector<double> exact(3);
  column_sum(petra::kernel::scalar_tag{}, rows, 3, x.values().data(), exact.data());
  column_sum(petra::kernel::best, rows, 3, x.data(), sum.data());
  CHECK(first_outside(sum, exact, exact, 100) == -1);
}
