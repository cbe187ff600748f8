#include "petra/kernel/simd/row_tile.hpp"

#include <doctest/doctest.h>

#include "../operands.hpp"

using operands::operand;
using petra::index_t;
using namespace petra::kernel::simd;

TEST_CASE("row_tile: every tile, groups anywhere, rows that overlap or do not exist, runs, bias, accumulating") {
  index_t turn = 0;
  for (index_t vectors = 1; vectors <= panel_vectors; ++vectors)
    for (index_t count = 1; count <= most_groups(vectors); ++count)
      for (index_t k = 0; k < 11; ++k)
        for (index_t const last : {index_t{1}, lanes - 1, lanes}) {
          ++turn;
          index_t const segments = 2, jump = 40, step = 2, width = vectors * lanes, columns = width - lanes + last;
          index_t const c_step = columns + 1, runs = 1 + turn % 4 / 2, next = 13;
          operand const a(count * 5 + 3 * step + jump + next + k, 1), b(segments * runs * k * width, 2), bias(width, 3);
          operand c(count * 4 * c_step, 4, 1), before(c.size(), 4, 1);
          row_group groups[8];
          // Backward in memory, 5 floats apart; group g lacks g % 4 of its rows.
          for (index_t g = 0; g < count; ++g)
            groups[g] = {a.data() + (count - 1 - g) * 5, c.data() + g * 4 * c_step, 4 - g % 4};
          bool const accumulate = turn % 2 == 0, biased = turn % 3 == 0;
          row_tile({segments, k, jump, step, c_step, accumulate, runs, next}, groups, count, vectors, b.data(),
                   biased ? bias.data() : nullptr, last);
          REQUIRE(c.guarded());
          for (index_t g = 0; g < count; ++g)
            for (index_t r = 0; r < 4; ++r)
              for (index_t j = 0; j < c_step; ++j) {
                index_t const at = (g * 4 + r) * c_step + j;
                if (r >= groups[g].rows || j >= columns) {
                  REQUIRE(c[at] == before[at]);
                  continue;
                }
                double sum = accumulate ? static_cast<double>(before[at]) : 0.0;
                if (biased) sum += static_cast<double>(bias[j]);
                for (index_t s = 0; s < segments * runs; ++s)
                  for (index_t i = 0; i < k; ++i)
                    sum +=
                        static_cast<double>(a[(count - 1 - g) * 5 + r * step + s / runs * jump + s % runs * next + i]) *
                        static_cast<double>(b[(s * k + i) * width + j]);
                REQUIRE(std::fabs(static_cast<double>(c[at]) - sum) < 4e-6);
              }
        }
}
