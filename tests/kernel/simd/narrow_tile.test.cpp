#include "petra/kernel/simd/narrow_tile.hpp"

#include <doctest/doctest.h>

#include "../operands.hpp"

using operands::operand;
using petra::index_t;
using namespace petra::kernel::simd;
using petra::kernel::activation;

TEST_CASE("narrow_tile: every number of rows, odd and even k, strides, accumulating") {
  index_t turn = 0;
  for (index_t const m : {1, 11, 12, 13, 24, 31})
    for (index_t const k : {0, 1, 2, 3, 8, 33})
      for (index_t const last : {index_t{1}, lanes / 2, lanes - 1, lanes}) {
        ++turn;
        index_t const c_row = last + 2, a_row = turn % 5 == 0 ? 1 : k + turn % 3, a_col = turn % 5 == 0 ? m + 1 : 1;
        index_t const b_row = lanes + turn % 4;
        operand const a((m - 1) * a_row + k * a_col + 1, 1), b(k * b_row + lanes, 2);
        operand c((m - 1) * c_row + last, 4, 1), before(c.size(), 4, 1);
        bool const accumulate = turn % 3 == 0;
        narrow_panel({k, a_row, a_col, b_row, c_row, accumulate, activation::none}, m, a.data(), b.data(), c.data(),
                     last);
        REQUIRE(c.guarded());
        for (index_t i = 0; i < m; ++i)
          for (index_t j = 0; j < c_row && i * c_row + j < c.size(); ++j) {
            index_t const at = i * c_row + j;
            if (j >= last) {
              REQUIRE(c[at] == before[at]);
              continue;
            }
            double sum = accumulate ? static_cast<double>(before[at]) : 0.0, size = std::fabs(sum);
            for (index_t p = 0; p < k; ++p) {
              double const term = static_cast<double>(a[i * a_row + p * a_col]) * static_cast<double>(b[p * b_row + j]);
              sum += term;
              size += std::fabs(term);
            }
            REQUIRE(std::fabs(static_cast<double>(c[at]) - sum) <= 0x1p-23 * static_cast<double>(k + 2) * size);
          }
      }
}

TEST_CASE("narrow_tile: infinity and NaN of the last, odd k stay what they are") {
  constexpr index_t m = 12, k = 3;
  float const inf = std::numeric_limits<float>::infinity();
  operand a(m * k, 1);
  operand const b(k * lanes, 2, 0, 0.5f, 1.f);
  a.data()[5 * k + 2] = inf;
  a.data()[6 * k + 2] = std::numeric_limits<float>::quiet_NaN();
  operand c(m * lanes, 3);
  narrow_panel({k, k, 1, lanes, lanes, false, activation::none}, m, a.data(), b.data(), c.data(), lanes);
  for (index_t i = 0; i < m; ++i)
    for (index_t j = 0; j < lanes; ++j) {
      REQUIRE((c[i * lanes + j] == inf) == (i == 5));
      REQUIRE(std::isnan(c[i * lanes + j]) == (i == 6));
    }
}
