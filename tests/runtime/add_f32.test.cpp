// runtime/add_f32.hpp: exact, framed.
#include <doctest/doctest.h>

#include <vector>

#include "../kernel/guarded_page.hpp"
#include "petra/core/random.hpp"
#include "petra/runtime/add_f32.hpp"
#include "petra/runtime/load_input_f32.hpp"

namespace {

using namespace petra;
using rt::add_f32_shape;

template <class Shape>
bool agrees(Shape shape) {
  add_f32_shape const s = shape;
  index_t const n = s.out.pixels() * s.out.c;
  petra::random r(key(11, s.out.c, s.out.w));
  std::vector<float> a(static_cast<std::size_t>(n)), b(a);
  for (float& e : a) e = r.normal();
  for (float& e : b) e = r.normal();
  guarded::array<float> fa(s.a.elements()), fb(s.b.elements()), y(s.out.elements());
  rt::load_input_f32(s.a, a.data(), fa.data());
  rt::load_input_f32(s.b, b.data(), fb.data());
  rt::add_f32(shape, fa.data(), fb.data(), y.data());
  index_t const halo = s.out.halo;
  index_t at = 0;
  for (index_t i = -halo; i < s.out.h + halo; ++i)
    for (index_t j = -halo * s.out.c; j < (s.out.w + halo) * s.out.c; ++j) {
      bool const inside = i >= 0 && i < s.out.h && j >= 0 && j < s.out.w * s.out.c;
      float want = 0;
      if (inside) {
        want = a[static_cast<std::size_t>(at)] + b[static_cast<std::size_t>(at)];
        want = s.relu && want < 0 ? 0 : want;
        ++at;
      }
      if (y[s.out.origin() + i * s.out.row() + j] != want) return false;
    }
  return true;
}

TEST_CASE("add_f32: shapes and frames") {
  for (index_t const c : {1, 2, 3, 5, 16, 17, 64})
    for (index_t w = 1; w <= 9; w += 2)
      for (bool const relu : {false, true}) {
        CAPTURE(c);
        CAPTURE(w);
        REQUIRE(agrees(add_f32_shape{.a = {3, w, c, 1}, .b = {3, w, c, 0}, .out = {3, w, c, w % 3}, .relu = relu}));
      }
  REQUIRE(
      agrees(rt::fixed<add_f32_shape{.a = {8, 8, 16, 1}, .b = {8, 8, 16, 1}, .out = {8, 8, 16, 1}, .relu = true}>{}));
}

TEST_CASE("add_f32: 10,000 random shapes beside a protected page") {
  petra::random r(6);
  for (int turn = 0; turn < 10000; ++turn) {
    index_t const h = 1 + r.index(4), w = 1 + r.index(5), c = 1 + r.index(36);
    CAPTURE(turn);
    REQUIRE(agrees(add_f32_shape{{h, w, c, r.index(2)}, {h, w, c, r.index(2)}, {h, w, c, r.index(2)}, turn % 2 == 0}));
  }
}

}  // namespace
