// runtime/lstm_f32.hpp against the specification in double; operands end at protected pages.
#include "petra/runtime/lstm_f32.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "../kernel/guarded_page.hpp"
#include "petra/core/random.hpp"
#include "petra/kernel/reference/lstm.hpp"

namespace {

using namespace petra;
using rt::recurrent_shape;

void fill(petra::random& r, guarded::array<float>& a, float size) {
  for (index_t i = 0; i < a.size(); ++i) a[i] = r.uniform(-size, size);
}
std::vector<double> exact(guarded::array<float> const& a) { return {a.data(), a.data() + a.size()}; }

// Errors of a state feed the next one; gates and tanh contract them.
template <class Shape>
bool agrees(Shape shape) {
  recurrent_shape const s = shape;
  index_t const t = s.steps, c = s.in, n = s.hidden;
  petra::random r(key(3, t, c, n));
  guarded::array<float> x(t * c), h(n), w(4 * n * c), u(4 * n * n), b(4 * n), state(n), pw(w.size()), pu(u.size()),
      pb(4 * n), y(t * n), scratch(rt::recurrent_scratch(4, s));
  fill(r, x, 1.f), fill(r, h, 1.f), fill(r, w, 0.6f), fill(r, u, 0.3f), fill(r, b, 0.5f), fill(r, state, 1.f);
  rt::pack_gates(4, n, c, w.data(), pw.data());
  rt::pack_gates(4, n, n, u.data(), pu.data());
  rt::pack_gate_bias(n, b.data(), pb.data());
  auto cell = exact(state);
  rt::lstm_f32(shape, x.data(), h.data(), state.data(), pw.data(), pu.data(), pb.data(), scratch.data(), y.data());
  std::vector<double> want(static_cast<std::size_t>(t * n));
  kernel::lstm(kernel::scalar_tag{}, {t, c, n}, exact(x).data(), exact(h).data(), cell.data(), exact(w).data(),
               exact(u).data(), exact(b).data(), want.data());
  for (index_t i = 0; i < t * n; ++i)
    if (!(std::abs(static_cast<double>(y[i]) - want[static_cast<std::size_t>(i)]) <=
          0x1p-23 * static_cast<double>(16 + c + n)))
      return false;
  for (index_t i = 0; i < n; ++i)
    if (!(std::abs(static_cast<double>(state[i]) - cell[static_cast<std::size_t>(i)]) <=
          0x1p-22 * static_cast<double>(16 + c + n)))
      return false;
  return true;
}

TEST_CASE("lstm_f32: units x inputs x steps") {
  for (index_t const n : {1, 3, 7, 8, 15, 16, 17, 31, 32, 33, 47, 48, 50, 64, 65, 80, 130})
    for (index_t const c : {1, 5, 16, 37})
      for (index_t const t : {1, 2, 9}) {
        CAPTURE(n);
        CAPTURE(c);
        CAPTURE(t);
        REQUIRE(agrees(recurrent_shape{t, c, n}));
      }
}

TEST_CASE("lstm_f32: literal extents") {
  REQUIRE(agrees(rt::fixed<recurrent_shape{1, 8, 8}>{}));
  REQUIRE(agrees(rt::fixed<recurrent_shape{1, 32, 32}>{}));
  REQUIRE(agrees(rt::fixed<recurrent_shape{1, 4, 48}>{}));
  REQUIRE(agrees(rt::fixed<recurrent_shape{1, 4, 100}>{}));
  REQUIRE(agrees(rt::fixed<recurrent_shape{20, 32, 64}>{}));
}

TEST_CASE("lstm_f32: many shapes") {
  petra::random r(key(77));
  for (int i = 0; i < 10000; ++i) {
    recurrent_shape const s{1 + r.index(4), 1 + r.index(6), 1 + r.index(i % 10 == 0 ? 40 : 12)};
    CAPTURE(s.steps);
    CAPTURE(s.in);
    CAPTURE(s.hidden);
    REQUIRE(agrees(s));
  }
}

}  // namespace
