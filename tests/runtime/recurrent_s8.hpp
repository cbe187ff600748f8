// Operands of int8 recurrent layers, plain for the specification and packed for the kernels, and the shapes that both
// layers are tested with.
#pragma once
#include <doctest/doctest.h>

#include <vector>

#include "../kernel/guarded_page.hpp"
#include "petra/core/random.hpp"
#include "petra/kernel/reference/gates_s8.hpp"
#include "petra/runtime/gru_s8.hpp"

namespace recurrent_s8 {

using petra::index_t;

// One product: weights (G,H,K) in [-127, 127] and factors that take its sums to arguments of all sizes.
class product {
 public:
  product(index_t gates, index_t hidden, index_t k, std::int32_t zero, int size, petra::random& r)
      : zero_(zero),
        w_(static_cast<std::size_t>(gates * hidden * k)),
        bias_(static_cast<std::size_t>(gates * hidden)),
        multiplier_(bias_.size()),
        shift_(bias_.size()),
        pw_(petra::rt::packed_gates_size_s8(gates, hidden, k)),
        pbias_(gates * hidden),
        pmultiplier_(gates * hidden),
        pshift_(gates * hidden) {
    for (auto& e : w_) e = static_cast<std::int8_t>(r.index(2 * size + 1) - size);
    std::vector<std::int32_t> folded(bias_.size());
    for (std::size_t i = 0; i < bias_.size(); ++i) {
      bias_[i] = static_cast<std::int32_t>(r.index(2001)) - 1000;
      auto const q = petra::rt::quantize_multiplier(static_cast<double>(r.uniform(0.01f, 3.f)));
      multiplier_[i] = q.multiplier;
      shift_[i] = static_cast<std::int8_t>(q.shift);
    }
    petra::rt::pack_gates_s8(gates, hidden, k, w_.data(), pw_.data());
    petra::rt::fold_gate_bias(gates, hidden, k, w_.data(), bias_.data(), zero, folded.data());
    petra::rt::pack_gate_values(gates, hidden, folded.data(), pbias_.data());
    petra::rt::pack_gate_values(gates, hidden, multiplier_.data(), pmultiplier_.data());
    petra::rt::pack_gate_values(gates, hidden, shift_.data(), pshift_.data());
  }
  [[nodiscard]] petra::kernel::gate_product_s8 plain() const {
    return {w_.data(), bias_.data(), multiplier_.data(), shift_.data(), zero_};
  }
  [[nodiscard]] petra::rt::gate_weights_s8 packed() const {
    return {pw_.data(), pbias_.data(), pmultiplier_.data(), pshift_.data()};
  }

 private:
  std::int32_t zero_;
  std::vector<std::int8_t> w_;
  std::vector<std::int32_t> bias_, multiplier_;
  std::vector<std::int8_t> shift_;
  guarded::array<std::int8_t> pw_;
  guarded::array<std::int32_t> pbias_, pmultiplier_;
  guarded::array<std::int8_t> pshift_;
};

struct operands {
  operands(index_t gates, petra::rt::recurrent_shape const& s, int size)
      : r(petra::key(11, s.steps, s.in, s.hidden, size)),
        x(s.steps * s.in),
        h(s.hidden),
        state(s.hidden),
        w(gates, s.hidden, s.in, static_cast<std::int32_t>(r.index(256)) - 128, size, r),
        u(gates, s.hidden, s.hidden, 0, size, r) {
    for (index_t i = 0; i < x.size(); ++i) x[i] = static_cast<std::int8_t>(r.index(256) - 128);
    for (index_t i = 0; i < h.size(); ++i) h[i] = static_cast<std::int8_t>(r.index(256) - 128);
  }

  petra::random r;
  guarded::array<std::int8_t> x, h;
  guarded::array<std::int16_t> state;
  product w, u;
};

// agrees(shape, size of weights, rounding, its specification): of run-time and of literal extents.
template <class Agrees>
void check_grid(Agrees agrees) {
  using petra::rt::recurrent_shape;
  petra::rt::rounding::single const once;
  petra::rt::rounding::twice const twice;
  for (index_t const n : {1, 3, 8, 15, 16, 17, 32, 48, 64, 65})
    for (index_t const c : {1, 4, 6, 19, 32})
      for (index_t const t : {1, 3}) {
        CAPTURE(n);
        CAPTURE(c);
        CAPTURE(t);
        recurrent_shape const s{t, c, n};
        REQUIRE(agrees(s, 127, once, petra::kernel::round_once{}));
        REQUIRE(agrees(s, 9, once, petra::kernel::round_once{}));
        REQUIRE(agrees(s, 127, twice, petra::kernel::round_twice{}));
      }
}
template <class Agrees>
void check_literal(Agrees agrees) {
  REQUIRE(agrees(petra::rt::fixed<petra::rt::recurrent_shape{20, 32, 64}>{}, 127, petra::rt::rounding::single{},
                 petra::kernel::round_once{}));
}
template <class Agrees>
void check_many(Agrees agrees) {
  petra::random r(petra::key(78));
  for (int i = 0; i < 10000; ++i) {
    petra::rt::recurrent_shape const s{1 + r.index(4), 1 + r.index(9), 1 + r.index(i % 10 == 0 ? 40 : 12)};
    CAPTURE(s.steps);
    CAPTURE(s.in);
    CAPTURE(s.hidden);
    REQUIRE(agrees(s, 1 + static_cast<int>(r.index(127)), petra::rt::rounding::single{}, petra::kernel::round_once{}));
  }
}

}  // namespace recurrent_s8
