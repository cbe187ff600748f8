#include "petra/kernel/simd/pack.hpp"

#include <doctest/doctest.h>

#include "../operands.hpp"

using namespace petra::kernel::simd;
using operands::operand;
using petra::index_t;

static_assert(padded_columns(1) == lanes && padded_columns(lanes) == lanes && padded_columns(lanes + 1) == 2 * lanes);

TEST_CASE("pack: panels hold the matrix, then zeros") {
  index_t const rows = 2 * lanes + 5, first = 3;
  for (index_t const n :
       {index_t{1}, lanes - 1, lanes, lanes + 1, panel_width, panel_width + 1, 2 * panel_width + lanes})
    for (index_t const k : {index_t{1}, lanes, 2 * lanes + 1})
      for (int order = 0; order < 3; ++order) {
        index_t const b_row = order == 0 ? n : order == 1 ? 1 : 2 * n, b_col = order == 0 ? 1 : order == 1 ? k : 2;
        operand const b((k - 1) * b_row + (n - 1) * b_col + 1, 1, order == 2 ? 1 : 0);
        operand to(packed_size(rows, n), 2, 1);
        pack(k, n, b.data(), b_row, b_col, to.data(), rows, first);
        REQUIRE(to.guarded());
        for (index_t j = 0; j < padded_columns(n); ++j) {
          index_t const panel = j / panel_width * panel_width;
          index_t const width = std::min(panel_width, padded_columns(n) - panel);
          for (index_t i = 0; i < k; ++i)
            REQUIRE(to[panel * rows + (first + i) * width + j - panel] == (j < n ? b[i * b_row + j * b_col] : 0.f));
        }
      }
}
