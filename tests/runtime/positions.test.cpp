#include "petra/runtime/positions.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "../kernel/guarded_page.hpp"
#include "petra/core/random.hpp"
#include "petra/kernel/reference/add_s8.hpp"

namespace {

using namespace petra;

rt::feature_map steps(index_t length, index_t width) { return {1, length, width, 0}; }

}  // namespace

TEST_CASE("positions_f32: a row for each step that counts; the others stay") {
  float const x[] = {1, 2, 3, 4, 5, 6}, table[] = {10, 20, 30, 40, 50, 60};
  float y[6];
  rt::add_f32_shape const s{steps(3, 2), steps(3, 2), steps(3, 2), false};
  rt::positions_f32(s, x, table, y);
  CHECK(std::vector<float>(y, y + 6) == std::vector<float>{11, 22, 33, 44, 55, 66});
  float const two = 2, none = 0;
  rt::positions_f32(s, x, table, y, &two);
  CHECK(std::vector<float>(y, y + 6) == std::vector<float>{11, 22, 33, 44, 5, 6});
  rt::positions_f32(s, x, table, y, &none);
  CHECK(std::vector<float>(y, y + 6) == std::vector<float>(x, x + 6));
}

TEST_CASE("positions_s8: bit by bit the addition of the specification, of the table or of its zero point") {
  petra::random r(1);
  for (index_t const length : {1, 3, 8})
    for (index_t const width : {1, 5, 16, 70})
      for (float const valid : {0.f, 1.f, 3.f, 100.f}) {
        CAPTURE(length);
        CAPTURE(width);
        CAPTURE(valid);
        index_t const n = length * width;
        guarded::array<std::int8_t> x(n), table(n + width), y(n);
        for (index_t i = 0; i < n; ++i) {
          x[i] = static_cast<std::int8_t>(r.index(256) - 128);
          table[i] = static_cast<std::int8_t>(r.index(256) - 128);
        }
        for (index_t i = n; i < n + width; ++i) table[i] = 7;
        rt::feature_map const m = steps(length, width);
        rt::add_shape const s = rt::add_scales({m, m, m, -20, 7, 20, {}, {}, {}, 3}, 0.02, 0.008, 0.025);
        rt::positions_s8(s, x.data(), table.data(), y.data(), &valid);
        kernel::add_s8_grids const g{-20,
                                     7,
                                     s.left_shift,
                                     s.a_scale.multiplier,
                                     s.a_scale.shift,
                                     s.b_scale.multiplier,
                                     s.b_scale.shift,
                                     s.out_scale.multiplier,
                                     s.out_scale.shift,
                                     3};
        for (index_t i = 0; i < n; ++i) {
          std::int8_t const b = i / width < static_cast<index_t>(valid) ? table[i] : std::int8_t{7};
          std::int8_t want = 0;
          kernel::add_s8(kernel::scalar_tag{}, 1, g, &x[i], &b, &want);
          REQUIRE(y[i] == want);
        }
      }
}
