// runtime/scale_channels_f32.hpp: products of every element, the frame zero.
#include "petra/runtime/scale_channels_f32.hpp"

#include <doctest/doctest.h>

#include "../kernel/guarded_page.hpp"
#include "petra/core/random.hpp"

namespace {

using namespace petra;

template <class Shape>
bool scales_floats(Shape shape) {
  rt::map_pair const s = shape;
  petra::random r(key(4, s.out.c));
  guarded::array<float> x(s.in.elements()), factor(s.out.c), y(s.out.elements());
  for (float& v : x.span()) v = r.normal();
  for (float& v : factor.span()) v = r.normal();
  for (float& v : y.span()) v = 77;
  rt::scale_channels_f32(shape, x.data(), factor.data(), y.data());
  for (index_t i = -s.out.halo_h; i < s.out.h + s.out.halo_h; ++i)
    for (index_t j = -s.out.halo; j < s.out.w + s.out.halo; ++j)
      for (index_t c = 0; c < s.out.c; ++c) {
        bool const inside = i >= 0 && i < s.out.h && j >= 0 && j < s.out.w;
        float const want = inside ? x[s.in.origin() + i * s.in.row() + j * s.in.c + c] * factor[c] : 0.f;
        if (y[s.out.origin() + i * s.out.row() + j * s.out.c + c] != want) return false;
      }
  return true;
}

TEST_CASE("scale_channels_f32: pictures and series") {
  for (index_t const h : {1, 3})
    for (index_t const c : {1, 5, 16, 33})
      REQUIRE(scales_floats(rt::map_pair{{h, 4, c, 1, 0}, {h, 4, c, 2, h > 1 ? 1 : 0}}));
  REQUIRE(scales_floats(rt::fixed<rt::map_pair{{1, 9, 24, 0}, {1, 9, 24, 1, 0}}>{}));
}

}  // namespace
