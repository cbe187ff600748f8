#include "petra/kernel/simd/sgd.hpp"

#include <doctest/doctest.h>

#include "../operands.hpp"

using operands::operand;
using petra::index_t;

TEST_CASE("sgd_step: lengths x misalignments x settings against the reference") {
  for (index_t const n : {0, 1, 3, 4, 15, 16, 17, 31, 64, 70, 129})
    for (index_t const shift : operands::misalignments)
      for (bool const nesterov : {false, true})
        for (float const momentum : {0.f, 0.9f}) {
          operand const g(n, 1, shift);
          operand velocity(n, 2, shift), w(n, 3, shift);
          auto v = velocity.values(), weights = w.values();
          std::vector<double> const bound(static_cast<std::size_t>(n), 4.0);
          petra::kernel::sgd_settings<float> const s{0.1f, momentum, 0.01f, nesterov};
          petra::kernel::sgd_settings<double> const exact{static_cast<double>(s.lr), static_cast<double>(s.momentum),
                                                          static_cast<double>(s.weight_decay), nesterov};
          for (int step = 0; step < 3; ++step) {
            petra::kernel::sgd_step(petra::kernel::scalar_tag{}, n, exact, g.values().data(), v.data(), weights.data());
            petra::kernel::sgd_step(petra::kernel::best, n, s, g.data(), velocity.data(), w.data());
          }
          REQUIRE(first_outside(velocity, v, bound, 4) == -1);
          REQUIRE(first_outside(w, weights, bound, 4) == -1);
          REQUIRE(velocity.guarded());
          REQUIRE(w.guarded());
        }
}
