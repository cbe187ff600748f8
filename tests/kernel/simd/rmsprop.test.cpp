#include "petra/kernel/simd/rmsprop.hpp"

#include <doctest/doctest.h>

#include "../operands.hpp"

using operands::operand;
using petra::index_t;

TEST_CASE("rmsprop_step: lengths x misalignments against the reference") {
  for (index_t const n : {0, 1, 3, 4, 15, 16, 17, 31, 64, 70, 129})
    for (index_t const shift : operands::misalignments)
      for (float const decay : {0.f, 0.1f}) {
        operand m(n, 2, shift, -0.1f, 0.1f), v(n, 3, shift, 0.01f, 0.1f), w(n, 4, shift);
        operand const g(n, 1, shift);
        auto md = m.values(), vd = v.values(), wd = w.values();
        std::vector<double> const bound(static_cast<std::size_t>(n), 4.0), loose(static_cast<std::size_t>(n), 64.0);
        petra::kernel::rmsprop_settings<float> const s{0.05f, 0.9f, 1e-4f, 0.5f, decay};
        petra::kernel::rmsprop_settings<double> const exact{static_cast<double>(s.lr), static_cast<double>(s.decay),
                                                            static_cast<double>(s.eps), static_cast<double>(s.momentum),
                                                            static_cast<double>(s.weight_decay)};
        for (int step = 0; step < 4; ++step) {
          petra::kernel::rmsprop_step(petra::kernel::scalar_tag{}, n, exact, g.values().data(), md.data(), vd.data(),
                                      wd.data());
          petra::kernel::rmsprop_step(petra::kernel::best, n, s, g.data(), m.data(), v.data(), w.data());
        }
        REQUIRE(first_outside(m, md, loose, 8) == -1);
        REQUIRE(first_outside(v, vd, bound, 8) == -1);
        REQUIRE(first_outside(w, wd, bound, 8) == -1);
        REQUIRE(m.guarded());
        REQUIRE(v.guarded());
        REQUIRE(w.guarded());
      }
}
