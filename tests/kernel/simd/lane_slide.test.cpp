#include "petra/kernel/simd/lane_slide.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "../operands.hpp"

using operands::operand;
using petra::index_t;
using namespace petra::kernel::simd;

TEST_CASE("lane_slide_rows: rows of any length, groups, rows on the padding, accumulating, part of the lanes") {
  for (lane_groups const g :
       {lane_groups{lanes, 1, 1}, lane_groups{3, 1, 1}, lane_groups{lanes / 2, 2, 2}, lane_groups{lanes / 2, 1, 2}})
    for (index_t cols = 1; cols < 37; cols += cols < 20 ? 1 : 5) {
      if (!slides_lanes(g, 3, 1, 1) || !g.narrow(9)) continue;
      lane_block const block = block_of(g, 0);
      index_t const pixel = g.groups * g.reads, row = (cols + 2) * pixel, out_col = block.makes + 1;
      bool const accumulate = cols % 2 == 0;
      // Three rows of the picture, kernel rows from one above it to one below.
      lane_slide_plan const d{3, cols, pixel, row, 3, 1, 1, cols * out_col, out_col, 1, 4, accumulate};
      index_t const slack = (lane_slide_pixels + 2) * pixel + lanes;
      operand const in(3 * row + slack, 1), w(9 * g.reads * lanes, 2);
      operand out(3 * d.out_row, 3, 1), before(out.size(), 3, 1);
      lane_indices const of(g);
      lane_slide_rows(d, g.reads, block.makes, of, in.data() - row, w.data(), broadcast(0.25f), out.data());
      REQUIRE(out.guarded());
      for (index_t i = 0; i < out.size(); ++i) {
        index_t const y = i / d.out_row, x = i % d.out_row / out_col, o = i % out_col;
        if (o >= block.makes) {
          REQUIRE(out[i] == before[i]);
          continue;
        }
        double sum = accumulate ? static_cast<double>(before[i]) + 0.25 : 0.25;
        for (index_t r = 0; r < 3; ++r) {
          if (y + r < 1 || y + r >= 4) continue;
          for (index_t s = 0; s < 3; ++s)
            for (index_t c = 0; c < g.reads; ++c)
              sum += static_cast<double>(in[(y + r - 1) * row + (x + s) * pixel + o / g.makes * g.reads + c]) *
                     static_cast<double>(w[((r * 3 + s) * g.reads + c) * lanes + o]);
        }
        REQUIRE(std::fabs(static_cast<double>(out[i]) - sum) < 4e-6);
      }
    }
}
