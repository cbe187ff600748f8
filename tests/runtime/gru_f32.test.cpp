// runtime/gru_f32.hpp against the specification in double; operands end at protected pages.
#include "petra/runtime/gru_f32.hpp"

#include <doctest/doctest.h>

#include "petra/kernel/reference/gru.hpp"
#include "recurrent_f32.hpp"

namespace {

using namespace petra;

constexpr auto agrees = [](auto shape) {
  rt::recurrent_shape const s = shape;
  index_t const n = s.hidden;
  recurrent_f32::operands o(3, s);
  guarded::operand<float> bi(3 * n), bh(3 * n), packed(4 * n);
  o.fill(bi, 0.5f), o.fill(bh, 0.5f);
  rt::pack_gru_bias(n, bi.data(), bh.data(), packed.data());
  rt::gru_f32(shape, o.x.data(), o.h.data(), o.packed_w.data(), o.packed_u.data(), packed.data(), o.scratch.data(),
              o.y.data());
  std::vector<double> want(static_cast<std::size_t>(o.y.size()));
  kernel::gru(kernel::scalar_tag{}, {s.steps, s.in, n}, o.exact(o.x).data(), o.exact(o.h).data(), o.exact(o.w).data(),
              o.exact(o.u).data(), o.exact(bi).data(), o.exact(bh).data(), want.data());
  return recurrent_f32::near(o.y, want, s, 0x1p-23);
};

TEST_CASE("gru_f32: units x inputs x steps") { recurrent_f32::check_grid(agrees); }
TEST_CASE("gru_f32: literal extents") { recurrent_f32::check_literal(agrees); }
TEST_CASE("gru_f32: many shapes") { recurrent_f32::check_many(agrees); }

}  // namespace
