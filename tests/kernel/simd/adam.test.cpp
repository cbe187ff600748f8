#include "petra/kernel/simd/adam.hpp"

#include <doctest/doctest.h>

#include "../operands.hpp"

using operands::operand;
using petra::index_t;

TEST_CASE("adam_step: lengths x misalignments against the reference") {
  for (index_t const n : {0, 1, 3, 4, 15, 16, 17, 31, 64, 70, 129})
    for (index_t const shift : operands::misalignments)
      for (int const kind : {0, 1, 2}) {
        float const decay = kind == 0 ? 0.f : 0.1f;
        operand m(n, 2, shift, -0.1f, 0.1f), v(n, 3, shift, 0.f, 0.1f), w(n, 4, shift);
        operand const g(n, 1, shift);
        auto md = m.values(), vd = v.values(), wd = w.values();
        std::vector<double> const bound(static_cast<std::size_t>(n), 4.0);
        petra::kernel::adam_settings<float> const s{0.05f, 0.9f, 0.999f, 1e-4f, decay, kind == 2};
        petra::kernel::adam_settings<double> const exact{
            static_cast<double>(s.lr),  static_cast<double>(s.beta1),        static_cast<double>(s.beta2),
            static_cast<double>(s.eps), static_cast<double>(s.weight_decay), s.coupled};
        for (index_t t = 5; t < 9; ++t) {
          petra::kernel::adam_step(petra::kernel::scalar_tag{}, n, exact, t, g.values().data(), md.data(), vd.data(),
                                   wd.data());
          petra::kernel::adam_step(petra::kernel::best, n, s, t, g.data(), m.data(), v.data(), w.data());
        }
        REQUIRE(first_outside(m, md, bound, 4) == -1);
        REQUIRE(first_outside(v, vd, bound, 4) == -1);
        REQUIRE(first_outside(w, wd, bound, 8) == -1);
        REQUIRE(m.guarded());
        REQUIRE(v.guarded());
        REQUIRE(w.guarded());
      }
}
