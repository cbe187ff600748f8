// runtime/row_tiles.hpp: rows are covered once, by tiles of nearly equal length, whichever way the length is known.
#include <doctest/doctest.h>

#include <vector>

#include "petra/runtime/row_tiles.hpp"

namespace {

using petra::rt::feature_map;
using petra::rt::fixed;
using petra::rt::index_t;

struct covered {
  feature_map out;
};

// A tile that adds 1 to each of its pixels.
template <int Pixels>
void count(int const* x, int* y) noexcept {
  for (int i = 0; i < Pixels; ++i) y[2 * i] += x[3 * i];
}

struct tiles {
  using function = void (*)(int const*, int*) noexcept;
  static constexpr int max_pixels = 5;
  template <int Pixels>
  static constexpr function at() noexcept {
    return &count<Pixels>;
  }
};

template <class Shape>
bool covers(Shape shape) {
  covered const s = shape;
  std::vector<int> x(static_cast<std::size_t>(3 * s.out.w), 1), y(static_cast<std::size_t>(2 * s.out.w + 2), 0);
  auto const row = petra::rt::row_tiles<tiles>::of(shape, s.out.w);
  row(x.data(), 3, y.data(), 2, [](auto tile, int const* p, int* q) { tile(p, q); });
  for (index_t i = 0; i < 2 * s.out.w + 2; ++i)
    if (y[static_cast<std::size_t>(i)] != (i % 2 == 0 && i < 2 * s.out.w ? 1 : 0)) return false;
  return row.cut.pixels + (row.cut.longer > 0) <= tiles::max_pixels;
}

static_assert(petra::rt::cut_row(28, 16).pixels == 14);
static_assert(petra::rt::cut_row(9, 8).longer == 1);

TEST_CASE("row_tiles: every width, at run time") {
  for (index_t w = 1; w <= 40; ++w) {
    CAPTURE(w);
    CHECK(covers(covered{{1, w, 1, 0}}));
  }
}

TEST_CASE("row_tiles: literal widths") {
  CHECK(covers(fixed<covered{{1, 1, 1, 0}}>{}));
  CHECK(covers(fixed<covered{{1, 5, 1, 0}}>{}));
  CHECK(covers(fixed<covered{{1, 6, 1, 0}}>{}));
  CHECK(covers(fixed<covered{{1, 28, 1, 0}}>{}));
}

}  // namespace
