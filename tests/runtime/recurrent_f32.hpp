// Operands of float recurrent layers, plain for the specification and packed for the kernels, and the shapes that both
// layers are tested with. Arrays end at protected pages.
#pragma once
#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "guarded_operand.hpp"
#include "petra/core/random.hpp"
#include "petra/runtime/recurrent_f32.hpp"

namespace recurrent_f32 {

using petra::index_t;
using petra::rt::recurrent_shape;

class operands {
 public:
  operands(index_t gates, recurrent_shape const& s)
      : x(s.steps * s.in),
        h(s.hidden),
        w(gates * s.hidden * s.in),
        u(gates * s.hidden * s.hidden),
        packed_w(w.size()),
        packed_u(u.size()),
        y(s.steps * s.hidden),
        scratch(petra::rt::recurrent_scratch(static_cast<int>(gates), s)),
        r_(petra::key(3, s.steps, s.in, s.hidden)) {
    fill(x, 1.f), fill(h, 1.f), fill(w, 0.6f), fill(u, 0.3f);
    petra::rt::pack_gates(gates, s.hidden, s.in, w.data(), packed_w.data());
    petra::rt::pack_gates(gates, s.hidden, s.hidden, u.data(), packed_u.data());
  }
  // In [-size, size).
  void fill(guarded::operand<float>& a, float size) {
    for (float& e : a.span()) e = r_.uniform(-size, size);
  }
  static std::vector<double> exact(guarded::operand<float> const& a) { return {a.data(), a.data() + a.size()}; }

  guarded::operand<float> x, h, w, u, packed_w, packed_u, y, scratch;

 private:
  petra::random r_;
};

// Errors of a state feed the next one; gates and tanh contract them. eps: of one operation.
inline bool near(guarded::operand<float> const& got, std::vector<double> const& want, recurrent_shape const& s,
                 double eps) {
  for (index_t i = 0; i < got.size(); ++i)
    if (!(std::fabs(static_cast<double>(got[i]) - want[static_cast<std::size_t>(i)]) <=
          eps * static_cast<double>(16 + s.in + s.hidden)))
      return false;
  return true;
}

// agrees(shape): of run-time and of literal extents.
template <class Agrees>
void check_grid(Agrees agrees) {
  for (index_t const n : {1, 3, 7, 8, 15, 16, 17, 31, 32, 33, 47, 48, 50, 64, 65, 80, 130})
    for (index_t const c : {1, 5, 16, 37})
      for (index_t const t : {1, 2, 9}) {
        CAPTURE(n);
        CAPTURE(c);
        CAPTURE(t);
        REQUIRE(agrees(recurrent_shape{t, c, n}));
      }
}
template <class Agrees>
void check_literal(Agrees agrees) {
  using petra::rt::fixed;
  REQUIRE(agrees(fixed<recurrent_shape{1, 8, 8}>{}));
  REQUIRE(agrees(fixed<recurrent_shape{1, 32, 32}>{}));
  REQUIRE(agrees(fixed<recurrent_shape{1, 4, 48}>{}));
  REQUIRE(agrees(fixed<recurrent_shape{1, 4, 100}>{}));
  REQUIRE(agrees(fixed<recurrent_shape{20, 32, 64}>{}));
}
template <class Agrees>
void check_many(Agrees agrees) {
  petra::random r(petra::key(77));
  for (int i = 0; i < 10000; ++i) {
    recurrent_shape const s{1 + r.index(4), 1 + r.index(6), 1 + r.index(i % 10 == 0 ? 40 : 12)};
    CAPTURE(s.steps);
    CAPTURE(s.in);
    CAPTURE(s.hidden);
    REQUIRE(agrees(s));
  }
}

}  // namespace recurrent_f32
