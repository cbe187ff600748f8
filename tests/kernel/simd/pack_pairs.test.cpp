#include "petra/kernel/simd/pack_pairs.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "../guarded_page.hpp"

using namespace petra::kernel::simd;
using petra::index_t;
using petra::kernel::bf16;

TEST_CASE("pack_pairs: panels hold pairs along k, zeros for what does not exist") {
  for (index_t const n : {index_t{1}, lanes - 1, lanes, lanes + 1, panel_width, panel_width + 3})
    for (index_t const k : {index_t{1}, index_t{2}, lanes, 2 * lanes, 4 * lanes + 3})
      for (int order = 0; order < 3; ++order) {
        index_t const b_row = order == 0 ? n + 1 : order == 1 ? 1 : 2 * n, b_col = order == 0 ? 1 : order == 1 ? k : 2;
        guarded::array<bf16> b((k - 1) * b_row + (n - 1) * b_col + 1), to(packed_pairs_size(k, n));
        for (index_t i = 0; i < b.size(); ++i) b[i].bits = static_cast<std::uint16_t>(i + 1);
        pack_pairs(k, n, b.data(), b_row, b_col, to.data());
        index_t const pairs = (k + 1) / 2;
        for (index_t j = 0; j < padded_columns(n); ++j) {
          index_t const panel = j / panel_width * panel_width, width = std::min(panel_width, padded_columns(n) - panel);
          for (index_t i = 0; i < 2 * pairs; ++i)
            REQUIRE(to[panel * 2 * pairs + (i / 2 * width + j - panel) * 2 + i % 2] ==
                    (j < n && i < k ? b[i * b_row + j * b_col] : bf16{}));
        }
      }
}
