#include "petra/kernel/simd/column_tile.hpp"

#include <doctest/doctest.h>

#include "../operands.hpp"

using operands::operand;
using petra::index_t;
using namespace petra::kernel::simd;

TEST_CASE("column_tiles: rows and columns around every tile, segments with jumps") {
  index_t turn = 0;
  for (index_t rows = 1; rows < 2 * column_tile_rows + 2; ++rows)
    for (index_t columns = 1; columns < 4 * lanes + 3; columns += 3, ++turn) {
      index_t const segments = 2, k = 3, width = (columns + lanes - 1) / lanes * lanes;
      index_t const a_step = rows + 1, b_step = 5, c_step = columns + turn % 2;
      column_product const d{segments, k, a_step, k * a_step + 2, b_step, k * b_step + 7, c_step};
      operand const a(d.a_jump + (k - 1) * a_step + rows, 1), b(d.b_jump + (k - 1) * b_step + width, 2);
      operand c((rows - 1) * c_step + columns, 3, 1), before(c.size(), 3, 1);
      column_tiles(d, rows, columns, a.data(), b.data(), c.data());
      REQUIRE(c.guarded());
      for (index_t i = 0; i < rows; ++i)
        for (index_t j = 0; j < columns; ++j) {
          double sum = static_cast<double>(before[i * c_step + j]);
          for (index_t s = 0; s < segments; ++s)
            for (index_t t = 0; t < k; ++t)
              sum += static_cast<double>(a[s * d.a_jump + t * a_step + i]) *
                     static_cast<double>(b[s * d.b_jump + t * b_step + j]);
          REQUIRE(std::fabs(static_cast<double>(c[i * c_step + j]) - sum) < 4e-6);
        }
    }
}

TEST_CASE("column_tile: rows in runs") {
  index_t const segments = 2, k = 5;
  column_product const d{segments, k, 3, 40, lanes, k * lanes, lanes + 1, 11};
  operand const a(d.a_jump + (k - 1) * d.a_step + 2 * d.a_run + 4, 1), b(segments * d.b_jump, 2);
  operand c(11 * d.c_step + lanes, 3, 1), before(c.size(), 3, 1);
  column_tile<12, 1, 4>(d, a.data(), b.data(), c.data(), lanes);
  CHECK(c.guarded());
  for (index_t i = 0; i < 12; ++i)
    for (index_t j = 0; j < lanes; ++j) {
      double sum = static_cast<double>(before[i * d.c_step + j]);
      for (index_t s = 0; s < segments; ++s)
        for (index_t t = 0; t < k; ++t)
          sum += static_cast<double>(a[s * d.a_jump + t * d.a_step + i / 4 * d.a_run + i % 4]) *
                 static_cast<double>(b[s * d.b_jump + t * d.b_step + j]);
      REQUIRE(std::fabs(static_cast<double>(c[i * d.c_step + j]) - sum) < 4e-6);
    }
}

TEST_CASE("column_tiles: padding of the first and the last k of a segment is not read") {
  for (index_t const rows : {1, 8, 16, 21})
    for (index_t const vectors : {1, 2, 3, 5})
      for (index_t const k : {1, 2, 5})
        for (index_t before = 0; before <= vectors; ++before)
          for (index_t after = 0; after <= vectors; ++after) {
            index_t const segments = 2, columns = vectors * lanes, step = lanes, jump = (k - 1) * step + columns;
            column_product d{segments, k, rows, k * rows, step, jump, columns};
            d.before = before * lanes;
            d.after = after * lanes;
            operand const a(segments * k * rows, 1), b(segments * jump, 2);
            operand c(rows * columns, 3, 1), before_c(c.size(), 3, 1);
            column_tiles(d, rows, columns, a.data(), b.data(), c.data());
            REQUIRE(c.guarded());
            for (index_t i = 0; i < rows; ++i)
              for (index_t j = 0; j < columns; ++j) {
                double sum = static_cast<double>(before_c[i * columns + j]);
                for (index_t s = 0; s < segments; ++s)
                  for (index_t t = 0; t < k; ++t)
                    if ((t > 0 || j >= d.before) && (t + 1 < k || j < columns - d.after))
                      sum += static_cast<double>(a[s * d.a_jump + t * rows + i]) *
                             static_cast<double>(b[s * jump + t * step + j]);
                REQUIRE(std::fabs(static_cast<double>(c[i * columns + j]) - sum) < 4e-6);
              }
          }
}
