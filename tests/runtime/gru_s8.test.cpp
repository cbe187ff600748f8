// runtime/gru_s8.hpp bit by bit against the specification; operands end at protected pages.
#include "petra/runtime/gru_s8.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "petra/kernel/reference/gru_s8.hpp"
#include "recurrent_s8.hpp"

namespace {

using namespace petra;
using rt::recurrent_shape;

template <class Shape, class Rounding = rt::rounding::single, class Reference = kernel::round_once>
bool agrees(Shape shape, int size = 127) {
  recurrent_shape const s = shape;
  recurrent_s8::operands o(3, s, size);
  guarded::array<std::int8_t> y(s.steps * s.hidden);
  std::vector<std::int8_t> want(static_cast<std::size_t>(y.size()));
  // v is what h was rounded from.
  std::vector<std::int16_t> state(static_cast<std::size_t>(s.hidden));
  for (index_t i = 0; i < s.hidden; ++i)
    o.state[i] = state[static_cast<std::size_t>(i)] = static_cast<std::int16_t>(o.h[i] * 128);
  rt::gru_s8<Rounding>(shape, o.x.data(), o.h.data(), o.state.data(), o.w.packed(), o.u.packed(), y.data());
  kernel::gru_s8<Reference>(kernel::scalar_tag{}, {s.steps, s.in, s.hidden}, o.x.data(), o.h.data(), state.data(),
                            o.w.plain(), o.u.plain(), want.data());
  for (index_t i = 0; i < y.size(); ++i)
    if (y[i] != want[static_cast<std::size_t>(i)]) return false;
  for (index_t i = 0; i < s.hidden; ++i)
    if (o.state[i] != state[static_cast<std::size_t>(i)]) return false;
  return true;
}

TEST_CASE("gru_s8: units x inputs x steps") {
  for (index_t const n : {1, 3, 8, 15, 16, 17, 32, 48, 64, 65})
    for (index_t const c : {1, 4, 6, 19, 32})
      for (index_t const t : {1, 3}) {
        CAPTURE(n);
        CAPTURE(c);
        CAPTURE(t);
        REQUIRE(agrees(recurrent_shape{t, c, n}));
        REQUIRE(agrees(recurrent_shape{t, c, n}, 9));
        REQUIRE(agrees<recurrent_shape, rt::rounding::twice, kernel::round_twice>(recurrent_shape{t, c, n}));
      }
}

TEST_CASE("gru_s8: literal extents") { REQUIRE(agrees(rt::fixed<recurrent_shape{20, 32, 64}>{})); }

TEST_CASE("gru_s8: many shapes") {
  petra::random r(key(78));
  for (int i = 0; i < 10000; ++i) {
    recurrent_shape const s{1 + r.index(4), 1 + r.index(9), 1 + r.index(i % 10 == 0 ? 40 : 12)};
    CAPTURE(s.steps);
    CAPTURE(s.in);
    CAPTURE(s.hidden);
    REQUIRE(agrees(s, 1 + static_cast<int>(r.index(127))));
  }
}

}  // namespace
