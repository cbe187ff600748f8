// runtime/add_f32.hpp: exact, framed.
#include <doctest/doctest.h>

#include <vector>

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
  std::vector<float> fa(static_cast<std::size_t>(s.a.elements() + 16), 3.f),
      fb(static_cast<std::size_t>(s.b.elements() + 16), 3.f);
  rt::load_input_f32(s.a, a.data(), fa.data());
  rt::load_input_f32(s.b, b.data(), fb.data());
  for (std::size_t i = 0; i < 16; ++i)
    if (fa[fa.size() - 1 - i] != 3.f) return false;
  std::vector<float> y(static_cast<std::size_t>(s.out.elements() + 16), 77.f);
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
      if (y[static_cast<std::size_t>(s.out.origin() + i * s.out.row() + j)] != want) return false;
    }
  for (std::size_t i = y.size() - 16; i < y.size(); ++i)
    if (y[i] != 77.f) return false;
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

}  // namespace
