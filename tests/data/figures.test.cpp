#include "petra/data/figures.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

using petra::index_t;
using petra::data::figure;
using petra::data::figure_names;
using petra::data::figure_of;
using petra::data::point;

namespace {

constexpr index_t segments(figure const& f) {
  index_t n = 0;
  f.for_each_segment([&](point, point) { ++n; });
  return n;
}

// One line has a segment less than points, two lines two less.
static_assert(segments(figure_of(1)) == 4);
static_assert(segments(figure_of(3)) == 2);
static_assert(segments(figure_of(6)) == 2);
static_assert(segments(figure{{{0, 0}, {1, 1}}, {{2, 2}, {3, 3}, {4, 4}}}) == 3);

std::vector<std::uint8_t> drawing(figure const& f) {
  std::vector<std::uint8_t> ink(28 * 28);
  f.for_each_segment([&](point a, point b) {
    auto const at = [](std::int32_t v) { return 14 * 64 + v * 10; };
    petra::data::draw_stroke(ink.data(), 28, {at(a.x), at(a.y)}, {at(b.x), at(b.y)}, 48);
  });
  return ink;
}

}  // namespace

TEST_CASE("figures: all lie in their box and use most of it") {
  for (index_t label = 0; label < static_cast<index_t>(figure_names.size()); ++label) {
    CAPTURE(label);
    figure const f = figure_of(label);
    std::int32_t low = 0, high = 0;
    for (point const p : f.points()) {
      CHECK(std::max(std::abs(p.x), std::abs(p.y)) <= 64);
      low = std::min(low, p.y);
      high = std::max(high, p.y);
    }
    CHECK(low <= -50);
    CHECK(high >= 50);
  }
}

TEST_CASE("figures: no two look alike") {
  for (index_t a = 0; a < 10; ++a)
    for (index_t b = 0; b < a; ++b) {
      auto const one = drawing(figure_of(a)), two = drawing(figure_of(b));
      int differing = 0;
      for (std::size_t i = 0; i < one.size(); ++i) differing += std::abs(one[i] - two[i]) > 128;
      CAPTURE(a);
      CAPTURE(b);
      CHECK(differing > 30);
    }
}
