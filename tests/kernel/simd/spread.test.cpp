#include "petra/kernel/simd/spread.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "../operands.hpp"

using operands::operand;
using petra::index_t;
using namespace petra::kernel::simd;

TEST_CASE("spread_rows: lane o holds channel c of the group of o, zeros around the picture, parts of the rows") {
  for (lane_groups const g : {lane_groups{5, 1, 1}, lane_groups{3, 2, 2}, lane_groups{19, 1, 1}, lane_groups{6, 2, 1},
                              lane_groups{9, 1, 2}, lane_groups{7, 3, 2}}) {
    if (!g.narrow(9)) continue;
    index_t const h = 3, w = 4, pitch = g.groups * g.reads;
    operand const picture(h * w * pitch, 1);
    frame const f{6, 7, pitch, 2, 1};
    lane_indices const of(g);
    for (index_t b = 0; b < g.blocks(); ++b) {
      lane_block const block = block_of(g, b);
      for (index_t begin = 0; begin < 3; ++begin) {
        index_t const rows = 4 - begin;
        std::vector<float> to(static_cast<std::size_t>(rows * f.cols * g.reads * lanes), -9.f);
        spread_rows(g, block, of, f, picture.data(), h, w, pitch, begin, rows, to.data());
        for (index_t y = 0; y < rows; ++y)
          for (index_t x = 0; x < f.cols; ++x)
            for (index_t c = 0; c < g.reads; ++c)
              for (index_t o = 0; o < block.makes; ++o) {
                index_t const in_y = y + begin - f.top, in_x = x - f.left;
                bool const inside = in_y >= 0 && in_y < h && in_x >= 0 && in_x < w;
                index_t const channel = block.first + o / g.makes * g.reads + c;
                float const expected = inside ? picture[(in_y * w + in_x) * pitch + channel] : 0.f;
                REQUIRE(to[static_cast<std::size_t>(((y * f.cols + x) * g.reads + c) * lanes + o)] == expected);
              }
      }
    }
  }
}

TEST_CASE("lane_groups: blocks are whole groups and cover all channels once") {
  for (index_t groups = 2; groups < 40; ++groups)
    for (index_t makes = 1; 2 * makes <= lanes; ++makes) {
      lane_groups const g{groups, 1, makes};
      REQUIRE(g.narrow(1));
      index_t made = 0;
      for (index_t b = 0; b < g.blocks(); ++b) {
        lane_block const block = block_of(g, b);
        REQUIRE(block.made == made);
        REQUIRE(block.makes <= lanes);
        REQUIRE(block.makes % makes == 0);
        made += block.makes;
      }
      REQUIRE(made == groups * makes);
    }
}
