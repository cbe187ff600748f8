// runtime/high_rows.hpp against the rounding policy, number by number.
#include "petra/runtime/high_rows.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "dense_operands.hpp"

namespace {

using namespace petra;
namespace rt = petra::rt;

TEST_CASE("are_all_high: every shift of a block counts, and no other") {
  operands::ending<std::int8_t> shift{64};
  for (index_t const n : {1, 15, 16, 17, 63, 64}) {
    std::int8_t* const p = shift.take(n);
    std::fill_n(p, n, std::int8_t{-2});
    p[n - 1] = -20;
    bool const high = rt::are_all_high<rt::rounding::single>(p, n);
    CHECK(high == rt::are_high<rt::rounding::single>(p, n));
    CHECK(!rt::are_all_high<rt::rounding::twice>(p, n));
    for (int const bad : {-1, -21, 30, -31}) {
      p[n / 2] = static_cast<std::int8_t>(bad);
      CHECK(!rt::are_all_high<rt::rounding::single>(p, n));
    }
  }
}

template <int Blocks>
bool agrees(index_t rows, index_t last, rt::output_grid const& grid) {
  index_t const outputs = 16 * (Blocks - 1) + last, y_row = outputs + 5;
  petra::random r(key(1, rows, last, Blocks, grid.zero));
  operands::ending<std::int32_t> sum{4096}, multiplier{64};
  operands::ending<std::int8_t> shift{64}, y{4096};
  std::int32_t* const s = sum.take(rows * 16 * Blocks);
  operands::fill(r, s, rows * 16 * Blocks, -1000000, 1000000);
  for (index_t i = 0; i < 4; ++i) s[r.index(rows * 16 * Blocks)] = i < 2 ? 0x7fffffff : -0x7fffffff - 1;
  operands::fill(r, multiplier.take(outputs), outputs, 1 << 30, 0x7ffffffe);
  operands::fill(r, shift.take(outputs), outputs, -20, -2);
  if (!rt::are_all_high<rt::rounding::single>(shift.take(outputs), outputs)) return true;  // no VNNI: never called
  rt::high_scale scale[Blocks];
  for (index_t b = 0; b < Blocks; ++b)
    scale[b] = rt::high_scale::load(multiplier.take(outputs) + 16 * b, shift.take(outputs) + 16 * b,
                                    b + 1 < Blocks ? 16 : last, grid.zero);
  index_t const bytes = (rows - 1) * y_row + outputs;
  std::fill_n(y.take(bytes), bytes, std::int8_t{0x5a});
  rt::requantize_high_rows<Blocks>(s, rows, last, scale, grid, y.take(bytes), y_row);
  for (index_t i = 0; i < bytes; ++i) {
    index_t const row = i / y_row, o = i % y_row;
    std::int8_t want = 0x5a;
    if (o < outputs)
      want = rt::onto_grid(
          rt::rounding::single::apply(s[row * 16 * Blocks + o], multiplier.take(outputs)[o], shift.take(outputs)[o]),
          grid);
    if (y.take(bytes)[i] != want) return false;
  }
  return true;
}

TEST_CASE("requantize_high_rows: rows, blocks, outputs of the last block, grids") {
  for (index_t const rows : {1, 2, 6})
    for (index_t const last : {1, 7, 15, 16})
      for (rt::output_grid const& grid :
           {rt::output_grid{}, rt::output_grid{-128, -128, 127}, rt::output_grid{5, 5, 90}}) {
        CAPTURE(rows);
        CAPTURE(last);
        CHECK(agrees<1>(rows, last, grid));
        CHECK(agrees<2>(rows, last, grid));
        CHECK(agrees<4>(rows, last, grid));
      }
}

}  // namespace
