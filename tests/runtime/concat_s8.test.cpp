// runtime/concat_s8.hpp against the specification of requantization.
#include "petra/runtime/concat_s8.hpp"

#include <doctest/doctest.h>

#include "../kernel/guarded_page.hpp"
#include "petra/core/random.hpp"
#include "petra/kernel/reference/requantize_s8.hpp"

namespace {

using namespace petra;
using rt::concat_s8_shape;

template <class Rounding, class Reference, class Shape>
bool joins_on_grid(Shape shape) {
  concat_s8_shape<3> const s = shape;
  petra::random r(key(3, s.out.c, s.out.w));
  using buffer = guarded::array<std::int8_t>;
  buffer x[] = {buffer(s.in[0].elements()), buffer(s.in[1].elements()), buffer(s.in[2].elements())},
         y(s.out.elements());
  for (auto& part : x)
    for (std::int8_t& v : part.span()) v = static_cast<std::int8_t>(r.index(256) - 128);
  rt::concat_s8<Rounding>(shape, y.data(), x[0].data(), x[1].data(), x[2].data());
  for (index_t i = -s.out.halo_h; i < s.out.h + s.out.halo_h; ++i)
    for (index_t j = -s.out.halo; j < s.out.w + s.out.halo; ++j) {
      bool const inside = i >= 0 && i < s.out.h && j >= 0 && j < s.out.w;
      index_t at = 0;
      for (std::size_t k = 0; k < 3; ++k) {
        rt::feature_map const& in = s.in[k];
        for (index_t c = 0; c < in.c; ++c, ++at) {
          std::int32_t want = s.out_zero;
          if (inside)
            want = kernel::onto_grid(Reference::apply(x[k][in.origin() + i * in.row() + j * in.c + c] - s.zero[k],
                                                      s.scale[k].multiplier, s.scale[k].shift),
                                     s.out_zero, -128, 127);
          if (y[s.out.origin() + i * s.out.row() + j * s.out.c + at] != want) return false;
        }
      }
    }
  return true;
}

constexpr concat_s8_shape<3> shape_of(index_t h, index_t w, index_t a, index_t b, index_t c) {
  return {{h, w, a + b + c, 2, h > 1 ? 1 : 0},
          -7,
          {{h, w, a, 0}, {h, w, b, 1}, {h, w, c, 3, 0}},
          {3, -7, -128},
          {rt::quantize_multiplier(0.7), rt::quantize_multiplier(1.0), rt::quantize_multiplier(1.9)}};
}

TEST_CASE("concat_s8: parts on grids of their own, one on that of the output") {
  for (index_t const h : {1, 3})
    for (index_t const a : {1, 5, 16, 33})
      for (index_t const b : {1, 17})
        for (index_t const c : {4, 32}) {
          REQUIRE(joins_on_grid<rt::rounding::single, kernel::round_once>(shape_of(h, 7, a, b, c)));
          REQUIRE(joins_on_grid<rt::rounding::twice, kernel::round_twice>(shape_of(h, 7, a, b, c)));
        }
  REQUIRE(joins_on_grid<rt::rounding::single, kernel::round_once>(rt::fixed<shape_of(1, 30, 8, 8, 16)>{}));
}

}  // namespace
