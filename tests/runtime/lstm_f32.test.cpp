// runtime/lstm_f32.hpp against the specification in double; operands end at protected pages.
#include "petra/runtime/lstm_f32.hpp"

#include <doctest/doctest.h>

#include "petra/kernel/reference/lstm.hpp"
#include "recurrent_f32.hpp"

namespace {

using namespace petra;

constexpr auto agrees = [](auto shape) {
  rt::recurrent_shape const s = shape;
  index_t const n = s.hidden;
  recurrent_f32::operands o(4, s);
  guarded::operand<float> b(4 * n), packed(4 * n), state(n);
  o.fill(b, 0.5f), o.fill(state, 1.f);
  rt::pack_gate_bias(n, b.data(), packed.data());
  auto cell = o.exact(state);
  rt::lstm_f32(shape, o.x.data(), o.h.data(), state.data(), o.packed_w.data(), o.packed_u.data(), packed.data(),
               o.scratch.data(), o.y.data());
  std::vector<double> want(static_cast<std::size_t>(o.y.size()));
  kernel::lstm(kernel::scalar_tag{}, {s.steps, s.in, n}, o.exact(o.x).data(), o.exact(o.h).data(), cell.data(),
               o.exact(o.w).data(), o.exact(o.u).data(), o.exact(b).data(), want.data());
  return recurrent_f32::near(o.y, want, s, 0x1p-23) && recurrent_f32::near(state, cell, s, 0x1p-22);
};

TEST_CASE("lstm_f32: units x inputs x steps") { recurrent_f32::check_grid(agrees); }
TEST_CASE("lstm_f32: literal extents") { recurrent_f32::check_literal(agrees); }
TEST_CASE("lstm_f32: many shapes") { recurrent_f32::check_many(agrees); }

}  // namespace
