#include "petra/data/stroke.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <vector>

using petra::index_t;
using petra::data::draw_stroke;
using petra::data::point;

namespace {

constexpr std::array<std::uint8_t, 144> drawn(point a, point b, index_t radius) {
  std::array<std::uint8_t, 144> ink{};
  draw_stroke(ink.data(), 12, a, b, radius);
  return ink;
}

// Full ink in the middle of a dot, none far away: at compile time.
static_assert(drawn({6 * 64 + 32, 6 * 64 + 32}, {6 * 64 + 32, 6 * 64 + 32}, 64)[6 * 12 + 6] == 255);
static_assert(drawn({6 * 64 + 32, 6 * 64 + 32}, {6 * 64 + 32, 6 * 64 + 32}, 64)[0] == 0);

// Distance in pixels of the center of pixel (h, w) to the segment.
double distance(index_t h, index_t w, point a, point b) {
  double const ax = a.x / 64., ay = a.y / 64., dx = b.x / 64. - ax, dy = b.y / 64. - ay;
  double const px = static_cast<double>(w) + 0.5 - ax, py = static_cast<double>(h) + 0.5 - ay;
  double const length2 = dx * dx + dy * dy;
  double const t = length2 == 0 ? 0 : std::fmin(1., std::fmax(0., (px * dx + py * dy) / length2));
  return std::hypot(px - t * dx, py - t * dy);
}

}  // namespace

TEST_CASE("stroke: ink follows the distance to the segment") {
  point const ends[][2] = {{{100, 200}, {600, 500}},
                           {{600, 100}, {100, 650}},
                           {{300, 300}, {300, 700}},
                           {{50, 400}, {700, 400}},
                           {{400, 400}, {400, 400}}};
  for (auto const& [a, b] : ends) {
    double const radius = 1.25;
    auto const ink = drawn(a, b, 80);
    for (index_t h = 0; h < 12; ++h)
      for (index_t w = 0; w < 12; ++w) {
        double const d = distance(h, w, a, b), outer = radius + 1;
        double const expected = d <= radius  ? 255
                                : d >= outer ? 0
                                             : 255 * (outer * outer - d * d) / (outer * outer - radius * radius);
        CHECK(std::abs(static_cast<double>(ink[static_cast<std::size_t>(h * 12 + w)]) - expected) < 1.5);
      }
  }
}

TEST_CASE("stroke: direction does not matter, strokes add up to the stronger ink") {
  point const a{100, 120}, b{650, 600}, c{650, 100}, d{90, 700};
  CHECK(drawn(a, b, 60) == drawn(b, a, 60));
  auto both = drawn(a, b, 60);
  draw_stroke(both.data(), 12, c, d, 40);
  auto const first = drawn(a, b, 60), second = drawn(c, d, 40);
  for (std::size_t i = 0; i < both.size(); ++i) CHECK(both[i] == std::max(first[i], second[i]));
}

TEST_CASE("stroke: parts outside the picture are cut off") {
  std::vector<std::uint8_t> framed(144 + 2, 9);
  draw_stroke(framed.data() + 1, 12, {-2000, -1500}, {3000, 2500}, 100);
  draw_stroke(framed.data() + 1, 12, {-2000, 300}, {-900, 300}, 100);
  draw_stroke(framed.data() + 1, 12, {3000, 3000}, {3500, 3500}, 100);
  CHECK(framed.front() == 9);
  CHECK(framed.back() == 9);
  std::vector<std::uint8_t> outside(144);
  draw_stroke(outside.data(), 12, {-2000, 300}, {-900, 300}, 100);
  CHECK(outside == std::vector<std::uint8_t>(144));
}
