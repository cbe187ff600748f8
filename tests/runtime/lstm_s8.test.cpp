// runtime/lstm_s8.hpp bit by bit against the specification; operands end at protected pages.
#include "petra/runtime/lstm_s8.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "petra/kernel/reference/lstm_s8.hpp"
#include "recurrent_s8.hpp"

namespace {

using namespace petra;
using rt::recurrent_shape;

// Weights lie in [-size, size].
constexpr auto agrees = [](auto shape, int size, auto rounding, auto reference) {
  recurrent_shape const s = shape;
  recurrent_s8::operands o(4, s, size);
  guarded::array<std::int8_t> y(s.steps * s.hidden);
  std::vector<std::int8_t> want(static_cast<std::size_t>(y.size()));
  std::vector<std::int16_t> state(static_cast<std::size_t>(s.hidden));
  for (index_t i = 0; i < s.hidden; ++i)
    o.state[i] = state[static_cast<std::size_t>(i)] = static_cast<std::int16_t>(o.r.index(65536) - 32768);
  rt::lstm_s8<decltype(rounding)>(shape, o.x.data(), o.h.data(), o.state.data(), o.w.packed(), o.u.packed(), y.data());
  kernel::lstm_s8<decltype(reference)>(kernel::scalar_tag{}, {s.steps, s.in, s.hidden}, o.x.data(), o.h.data(),
                                       state.data(), o.w.plain(), o.u.plain(), want.data());
  for (index_t i = 0; i < y.size(); ++i)
    if (y[i] != want[static_cast<std::size_t>(i)]) return false;
  for (index_t i = 0; i < s.hidden; ++i)
    if (o.state[i] != state[static_cast<std::size_t>(i)]) return false;
  return true;
};

TEST_CASE("lstm_s8: units x inputs x steps") { recurrent_s8::check_grid(agrees); }
TEST_CASE("lstm_s8: literal extents") { recurrent_s8::check_literal(agrees); }
TEST_CASE("lstm_s8: many shapes") { recurrent_s8::check_many(agrees); }

}  // namespace
