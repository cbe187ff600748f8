#include "petra/runtime/requantize_rows.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "guarded_operand.hpp"
#include "petra/core/random.hpp"

namespace {

using namespace petra;
using guarded::operand;

constexpr std::int8_t untouched = 0x5a;

// True when rows of 16 (Blocks - 1) + last outputs, y_row apart, hold the specification's bytes and nothing else changed.
// high: factors that the short way takes; otherwise one of them is too large for it.
template <class Rounding, int Blocks>
bool agrees(index_t rows, index_t last, index_t gap, bool high, rt::output_grid const& grid, bool single) {
  index_t const n = 16 * (Blocks - 1) + last, y_row = n + gap, size = (rows - 1) * y_row + n;
  petra::random r(key(1, rows, last, gap, Blocks));
  operand<std::int32_t> sum(rows * 16 * Blocks), multiplier(n);
  operand<std::int8_t> shift(n), y(size);
  for (auto& v : sum.span()) v = static_cast<std::int32_t>(r.index(1 << 20)) - (1 << 19);
  for (auto& v : multiplier.span()) v = (1 << 30) + static_cast<std::int32_t>(r.index(1 << 30));
  for (auto& v : shift.span()) v = static_cast<std::int8_t>(-8 - r.index(8));
  if (!high) shift[n - 1] = 0;
  for (auto& v : y.span()) v = untouched;
  if (single)
    rt::requantize_row<Rounding, Blocks>(sum.data(), multiplier.data(), shift.data(), last, grid, y.data());
  else
    rt::requantized_panel<Rounding, Blocks>(multiplier.data(), shift.data(), last, grid)(sum.data(), rows, y.data(),
                                                                                         y_row);
  for (index_t i = 0; i < size; ++i) {
    index_t const row = i / y_row, o = i % y_row;
    std::int8_t const want =
        o < n ? rt::onto_grid(Rounding::apply(sum[row * 16 * Blocks + o], multiplier[o], shift[o]), grid) : untouched;
    if (y[i] != want) return false;
  }
  return true;
}

template <class Rounding, int Blocks>
void check_all() {
  for (index_t rows = 1; rows <= 9; ++rows)
    for (index_t last = 1; last <= 16; last += rows % 2 == 0 ? 1 : 5)
      for (bool const high : {true, false})
        for (rt::output_grid const& grid : {rt::output_grid{3, -128, 127}, rt::output_grid{-7, -7, 90}}) {
          CAPTURE(Blocks);
          CAPTURE(rows);
          CAPTURE(last);
          CAPTURE(high);
          REQUIRE(agrees<Rounding, Blocks>(rows, last, rows % 3 * 5, high, grid, false));
          if (rows == 1) REQUIRE(agrees<Rounding, Blocks>(rows, last, 0, high, grid, true));
        }
}

TEST_CASE_TEMPLATE("requantize rows: the specification's bytes, nothing between rows", Rounding, rt::rounding::single,
                   rt::rounding::twice) {
  check_all<Rounding, 1>();
  check_all<Rounding, 2>();
  check_all<Rounding, 4>();
}

}  // namespace
