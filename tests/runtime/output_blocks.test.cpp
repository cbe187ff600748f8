// runtime/output_blocks.hpp: every output is taken once, in order, and literal extents take what run-time ones take.
#include <doctest/doctest.h>

#include <array>
#include <vector>

#include "petra/runtime/output_blocks.hpp"

namespace {

using namespace petra::rt;

struct part {
  int blocks;
  index_t first, last;
  bool operator==(part const&) const = default;
};

template <int Most, class Shape>
std::vector<part> parts(Shape shape) {
  conv_shape const s = shape;
  std::vector<part> p;
  for_output_blocks<Most>(shape, s.out.c, [&](auto blocks, index_t first, index_t last) {
    p.push_back({decltype(blocks)::value, first, last});
  });
  return p;
}

template <int Most>
void check() {
  for (index_t outputs = 1; outputs <= 200; ++outputs) {
    CAPTURE(outputs);
    index_t next = 0;
    std::array<bool, 5> taken{};
    for (part const& p : parts<Most>(conv_shape{.out = {1, 1, outputs, 0}})) {
      REQUIRE(p.first == next);
      REQUIRE(p.last >= 1);
      REQUIRE(p.last <= 16);
      REQUIRE(p.blocks <= Most);
      next += 16 * (p.blocks - 1) + p.last;
      taken[static_cast<std::size_t>(p.blocks)] = true;
    }
    REQUIRE(next == outputs);
    for (int const blocks : {1, 2, 4})
      REQUIRE(taken[static_cast<std::size_t>(blocks)] == takes_blocks(outputs, Most, blocks));
  }
}

TEST_CASE("for_output_blocks: all outputs, at most so many blocks at a time") {
  check<1>();
  check<2>();
  check<4>();
}

template <index_t... Outputs>
bool literal_is_the_same() {
  return (
      ... &&
      (parts<4>(fixed<conv_shape{.out = {1, 1, Outputs, 0}}>{}) == parts<4>(conv_shape{.out = {1, 1, Outputs, 0}}) &&
       parts<2>(fixed<conv_shape{.out = {1, 1, Outputs, 0}}>{}) == parts<2>(conv_shape{.out = {1, 1, Outputs, 0}})));
}

TEST_CASE("for_output_blocks: literal extents") {
  CHECK(literal_is_the_same<1, 10, 16, 17, 32, 33, 40, 48, 49, 64, 65, 80, 100, 112, 113, 128>());
}

}  // namespace
