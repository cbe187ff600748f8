// runtime/concat_f32.hpp: every number at its place, the frame zero, nothing else touched.
#include "petra/runtime/concat_f32.hpp"

#include <doctest/doctest.h>

#include "../kernel/guarded_page.hpp"
#include "petra/core/random.hpp"

namespace {

using namespace petra;
using rt::concat_f32_shape;

template <class Shape>
bool joins(Shape shape) {
  concat_f32_shape<3> const s = shape;
  petra::random r(key(3, s.out.c, s.out.w));
  guarded::array<float> x[] = {guarded::array<float>(s.in[0].elements()), guarded::array<float>(s.in[1].elements()),
                               guarded::array<float>(s.in[2].elements())},
                        y(s.out.elements());
  for (auto& part : x)
    for (float& v : part.span()) v = r.normal();
  for (float& v : y.span()) v = 77;
  rt::concat_f32(shape, y.data(), x[0].data(), x[1].data(), x[2].data());
  for (index_t i = -s.out.halo_h; i < s.out.h + s.out.halo_h; ++i)
    for (index_t j = -s.out.halo; j < s.out.w + s.out.halo; ++j) {
      bool const inside = i >= 0 && i < s.out.h && j >= 0 && j < s.out.w;
      index_t at = 0;
      for (std::size_t k = 0; k < 3; ++k)
        for (index_t c = 0; c < s.in[k].c; ++c, ++at) {
          float const want = inside ? x[k][s.in[k].origin() + i * s.in[k].row() + j * s.in[k].c + c] : 0.f;
          if (y[s.out.origin() + i * s.out.row() + j * s.out.c + at] != want) return false;
        }
    }
  return true;
}

constexpr concat_f32_shape<3> shape_of(index_t h, index_t w, index_t a, index_t b, index_t c) {
  return {{h, w, a + b + c, 2, h > 1 ? 1 : 0}, {{h, w, a, 0}, {h, w, b, 1}, {h, w, c, 3, 0}}};
}

TEST_CASE("concat_f32: parts with frames of their own, pictures and series") {
  for (index_t const h : {1, 3})
    for (index_t const a : {1, 5, 16})
      for (index_t const b : {1, 17}) REQUIRE(joins(shape_of(h, 7, a, b, 4)));
  REQUIRE(joins(rt::fixed<shape_of(1, 30, 8, 8, 16)>{}));
}

}  // namespace
