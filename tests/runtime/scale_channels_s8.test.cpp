// runtime/scale_channels_s8.hpp against the specification of requantization.
#include "petra/runtime/scale_channels_s8.hpp"

#include <doctest/doctest.h>

#include "../kernel/guarded_page.hpp"
#include "petra/core/random.hpp"
#include "petra/kernel/reference/requantize_s8.hpp"

namespace {

using namespace petra;

template <class Rounding, class Reference, class Shape>
bool scales_integers(Shape shape) {
  rt::scale_channels_shape const s = shape;
  petra::random r(key(4, s.out.c));
  guarded::array<std::int8_t> x(s.in.elements()), factor(s.out.c), y(s.out.elements());
  for (std::int8_t& v : x.span()) v = static_cast<std::int8_t>(r.index(256) - 128);
  for (std::int8_t& v : factor.span()) v = static_cast<std::int8_t>(r.index(256) - 128);
  rt::scale_channels_s8<Rounding>(shape, x.data(), factor.data(), y.data());
  for (index_t i = -s.out.halo_h; i < s.out.h + s.out.halo_h; ++i)
    for (index_t j = -s.out.halo; j < s.out.w + s.out.halo; ++j)
      for (index_t c = 0; c < s.out.c; ++c) {
        bool const inside = i >= 0 && i < s.out.h && j >= 0 && j < s.out.w;
        std::int32_t want = s.out_zero;
        if (inside) {
          std::int32_t const product =
              (x[s.in.origin() + i * s.in.row() + j * s.in.c + c] - s.in_zero) * (factor[c] - s.factor_zero);
          want = kernel::onto_grid(Reference::apply(product, s.scale.multiplier, s.scale.shift), s.out_zero, -128, 127);
        }
        if (y[s.out.origin() + i * s.out.row() + j * s.out.c + c] != want) return false;
      }
  return true;
}

constexpr rt::scale_channels_shape shape_of(index_t h, index_t c, double scale) {
  return {{h, 4, c, 1, 0}, {h, 4, c, 2, h > 1 ? 1 : 0}, 5, -128, rt::quantize_multiplier(scale), -11};
}

TEST_CASE("scale_channels_s8: pictures and series, fine and coarse outputs") {
  for (index_t const h : {1, 3})
    for (index_t const c : {1, 5, 16, 33})
      for (double const scale : {0.004, 0.3, 1e-6}) {
        REQUIRE(scales_integers<rt::rounding::single, kernel::round_once>(shape_of(h, c, scale)));
        REQUIRE(scales_integers<rt::rounding::twice, kernel::round_twice>(shape_of(h, c, scale)));
      }
  REQUIRE(scales_integers<rt::rounding::single, kernel::round_once>(rt::fixed<shape_of(1, 24, 0.004)>{}));
}

}  // namespace
