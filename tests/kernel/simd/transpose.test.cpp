#include "petra/kernel/simd/transpose.hpp"

#include <doctest/doctest.h>

#include "../operands.hpp"

using namespace petra::kernel::simd;
using operands::operand;
using petra::index_t;

TEST_CASE("transpose_block: rows become columns, missing rows zeros") {
  index_t const from_row = lanes + 3, to_row = lanes + 5;
  for (index_t rows = 1; rows <= lanes; ++rows)
    for (index_t const shift : operands::misalignments) {
      operand const x((rows - 1) * from_row + lanes, 1, shift);
      operand y((lanes - 1) * to_row + lanes, 2, shift);
      transpose_block(x.data(), from_row, rows, y.data(), to_row);
      for (index_t i = 0; i < lanes; ++i)
        for (index_t j = 0; j < lanes; ++j) REQUIRE(y[i * to_row + j] == (j < rows ? x[j * from_row + i] : 0.f));
      REQUIRE(y.guarded());
    }
}
