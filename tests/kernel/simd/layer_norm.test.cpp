// kernel/simd/layer_norm.hpp against the specification in double; operands with NaN around them.
#include "petra/kernel/simd/layer_norm.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "../operands.hpp"

namespace {

using operands::operand;
using petra::index_t;
using petra::kernel::best;
using petra::kernel::scalar_tag;

std::vector<double> bound_of(index_t n, double size) { return std::vector<double>(static_cast<std::size_t>(n), size); }

TEST_CASE("layer_norm, layer_norm_backward: rows x columns x misalignments, assigned and added") {
  for (index_t const rows : {1, 2, 5})
    for (index_t const cols : {1, 3, 8, 15, 16, 17, 33, 64, 130})
      for (index_t const shift : operands::misalignments)
        for (bool const add : {false, true}) {
          CAPTURE(rows);
          CAPTURE(cols);
          CAPTURE(shift);
          operand const x(rows * cols, 1, shift, -1.f, 3.f), gamma(cols, 2, shift, 0.5f, 2.f), beta(cols, 3, shift),
              dy(rows * cols, 4, shift);
          operand mean(rows, 5, shift), inv_std(rows, 6, shift), y(rows * cols, 7, shift), dx(rows * cols, 8, shift),
              dgamma(cols, 9, shift), dbeta(cols, 10, shift);
          auto m = mean.values(), s = inv_std.values(), yv = y.values(), dxv = dx.values(), dg = dgamma.values(),
               db = dbeta.values();
          petra::kernel::layer_norm(scalar_tag{}, rows, cols, 0.125, x.values().data(), gamma.values().data(),
                                    beta.values().data(), m.data(), s.data(), yv.data());
          petra::kernel::layer_norm_backward(scalar_tag{}, rows, cols, x.values().data(), gamma.values().data(),
                                             m.data(), s.data(), dy.values().data(), dxv.data(), add, dg.data(),
                                             db.data());
          petra::kernel::layer_norm(best, rows, cols, 0.125f, x.data(), gamma.data(), beta.data(), mean.data(),
                                    inv_std.data(), y.data());
          petra::kernel::layer_norm_backward(best, rows, cols, x.data(), gamma.data(), mean.data(), inv_std.data(),
                                             dy.data(), dx.data(), add, dgamma.data(), dbeta.data());
          // |x| <= 3 and 1/std <= 2.9, so no intermediate value exceeds 40.
          REQUIRE(first_outside(mean, m, bound_of(rows, 3), 40) == -1);
          REQUIRE(first_outside(inv_std, s, bound_of(rows, 3), 40) == -1);
          REQUIRE(first_outside(y, yv, bound_of(rows * cols, 40), 40) == -1);
          REQUIRE(first_outside(dx, dxv, bound_of(rows * cols, 40), 40) == -1);
          REQUIRE(first_outside(dgamma, dg, bound_of(cols, 10 * static_cast<double>(rows)), 40) == -1);
          REQUIRE(first_outside(dbeta, db, bound_of(cols, static_cast<double>(rows)), 40) == -1);
          for (operand const* const o : {&mean, &inv_std, &y, &dx, &dgamma, &dbeta}) REQUIRE(o->guarded());
        }
}

TEST_CASE("layer_norm: a mean a thousand times the deviation costs no accuracy of the deviation; y may be x") {
  index_t const cols = 100;
  operand x(cols, 1, 0, 1000.f, 1001.f), y(cols, 4), mean(1, 5), inv_std(1, 6);
  operand const gamma(cols, 2), beta(cols, 3);
  auto m = mean.values(), s = inv_std.values(), yv = y.values();
  petra::kernel::layer_norm(scalar_tag{}, 1, cols, 1e-5, x.values().data(), gamma.values().data(), beta.values().data(),
                            m.data(), s.data(), yv.data());
  petra::kernel::layer_norm(best, 1, cols, 1e-5f, x.data(), gamma.data(), beta.data(), mean.data(), inv_std.data(),
                            y.data());
  CHECK(first_outside(inv_std, s, s, 1000) == -1);  // E[x^2] - mean^2 would be off by 10^6 eps
  petra::kernel::layer_norm(best, 1, cols, 1e-5f, x.data(), gamma.data(), beta.data(), mean.data(), inv_std.data(),
                            x.data());
  CHECK(identical(x, y));
}

}  // namespace
