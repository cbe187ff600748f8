#include "petra/kernel/simd/matrix_tile.hpp"

#include <doctest/doctest.h>

#include "../operands.hpp"

using operands::operand;
using petra::index_t;
using namespace petra::kernel::simd;
using petra::kernel::activation;

namespace {

template <index_t Vectors>
void every_height() {
  index_t turn = 0;
  for (index_t m = 1; m <= 2 * most_rows(Vectors) + 5; ++m)
    for (index_t const k : {0, 1, 6})
      for (index_t const last : {index_t{1}, lanes - 1, lanes}) {
        ++turn;
        index_t const width = Vectors * lanes, columns = width - lanes + last, c_row = columns + 2;
        index_t const a_row = turn % 2 == 0 ? k + 1 : 1, a_col = turn % 2 == 0 ? 1 : m + 2, b_row = width + turn % 3;
        operand const a((m - 1) * a_row + k * a_col + 1, 1), b(k * b_row + width, 2), bias(columns, 3, 1, -2.f, 6.f);
        operand c((m - 1) * c_row + columns, 4, 1), before(c.size(), 4, 1);
        bool const accumulate = turn % 3 == 0, biased = turn % 2 == 0;
        auto const f = static_cast<activation>(turn % 3);
        bool const begins = turn % 4 == 0;  // with the bias; else it is added in the end
        matrix_product d{k, a_row, a_col, b_row, c_row, accumulate, f, begins ? bias.data() : nullptr};
        if (biased && !begins) d.f = activation::none;
        matrix_rows<Vectors>(d, m, a.data(), b.data(), c.data(), last);
        d.f = f;
        add_bias(d, m, columns, biased && !begins ? bias.data() : nullptr, c.data());
        REQUIRE(c.guarded());
        for (index_t i = 0; i < m; ++i)
          for (index_t j = 0; j < c_row && i * c_row + j < c.size(); ++j) {
            index_t const at = i * c_row + j;
            if (j >= columns) {
              REQUIRE(c[at] == before[at]);
              continue;
            }
            double sum = accumulate ? static_cast<double>(before[at]) : 0.0;
            if (biased) sum += static_cast<double>(bias[j]);
            for (index_t p = 0; p < k; ++p)
              sum += static_cast<double>(a[i * a_row + p * a_col]) * static_cast<double>(b[p * b_row + j]);
            REQUIRE(std::fabs(static_cast<double>(c[at]) - petra::kernel::activate(f, sum)) < 4e-6);
          }
      }
}

}  // namespace

TEST_CASE("matrix_tile: every height and width, strides, bias, activation, accumulating") {
  every_height<1>();
  every_height<2>();
}

TEST_CASE("matrix_tile: NaN passes every activation") {
  float const a = std::numeric_limits<float>::quiet_NaN();
  operand const b(lanes, 1);
  for (auto const f : {activation::none, activation::relu, activation::relu6}) {
    operand c(lanes, 2);
    matrix_product const d{1, 1, 1, lanes, lanes, false, f};
    matrix_rows<1>(d, 1, &a, b.data(), c.data(), lanes);
    add_bias(d, 1, lanes, nullptr, c.data());
    for (index_t j = 0; j < lanes; ++j) REQUIRE(std::isnan(c[j]));
  }
}

TEST_CASE("matrix_tile: a tile that packs gives the same bits, and the rows of B") {
  constexpr index_t rows = most_rows(2), width = 2 * lanes, k = 9, b_row = width + 3;
  operand const a(rows * k, 1), b((k - 1) * b_row + width, 2);
  operand c(rows * width, 3), same(rows * width, 4), to(k * width, 5);
  matrix_product const d{k, k, 1, b_row, width, false, activation::none};
  matrix_tile<rows, 2>(d, a.data(), b.data(), c.data(), lanes);
  matrix_tile<rows, 2, true>(d, a.data(), b.data(), same.data(), lanes, to.data());
  CHECK(identical(c, same));
  for (index_t i = 0; i < k; ++i)
    for (index_t j = 0; j < width; ++j) REQUIRE(to[i * width + j] == b[i * b_row + j]);
}
