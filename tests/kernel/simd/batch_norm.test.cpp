#include "petra/kernel/simd/batch_norm.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "../operands.hpp"

using operands::operand;
using petra::index_t;
using petra::kernel::best;
using petra::kernel::scalar_tag;
using petra::kernel::workspace;

namespace {

std::vector<double> ones(index_t n, double of) { return std::vector<double>(static_cast<std::size_t>(n), of); }

}  // namespace

TEST_CASE("batch_norm: rows x columns x misalignments against the reference") {
  workspace ws;
  for (index_t const rows : {1, 2, 3, 127, 128, 130, 400})
    for (index_t const cols : {1, 4, 7, 8, 15, 16, 17, 33})
      for (index_t const shift : operands::misalignments) {
        CAPTURE(rows);
        CAPTURE(cols);
        CAPTURE(shift);
        operand const x(rows * cols, 1, shift, -1.f, 3.f), gamma(cols, 2, shift, 0.5f, 2.f), beta(cols, 3, shift);
        operand const dy(rows * cols, 4, shift);
        operand mean(cols, 5, shift), inv_std(cols, 6, shift), y(rows * cols, 7, shift), dx(rows * cols, 8, shift);
        operand dgamma(cols, 9, shift), dbeta(cols, 10, shift);
        auto m = mean.values(), s = inv_std.values(), yv = y.values(), dxv = dx.values(), dg = dgamma.values(),
             db = dbeta.values();
        double const eps = 0.125;
        petra::kernel::batch_norm(scalar_tag{}, rows, cols, x.values().data(), gamma.values().data(),
                                  beta.values().data(), eps, m.data(), s.data(), yv.data());
        petra::kernel::batch_norm_backward(scalar_tag{}, rows, cols, x.values().data(), gamma.values().data(), m.data(),
                                           s.data(), dy.values().data(), dxv.data(), dg.data(), db.data(), ws);
        petra::kernel::batch_norm(best, rows, cols, x.data(), gamma.data(), beta.data(), 0.125f, mean.data(),
                                  inv_std.data(), y.data());
        petra::kernel::batch_norm_backward(best, rows, cols, x.data(), gamma.data(), mean.data(), inv_std.data(),
                                           dy.data(), dx.data(), dgamma.data(), dbeta.data(), ws);
        // |x| <= 3 and 1/std <= 2.9, so no intermediate value exceeds 40.
        REQUIRE(first_outside(mean, m, ones(cols, 3), 40) == -1);
        REQUIRE(first_outside(inv_std, s, ones(cols, 3), 40) == -1);
        REQUIRE(first_outside(y, yv, ones(rows * cols, 40), 40) == -1);
        REQUIRE(first_outside(dbeta, db, ones(cols, static_cast<double>(rows)), 40) == -1);
        REQUIRE(first_outside(dgamma, dg, ones(cols, 10 * static_cast<double>(rows)), 40) == -1);
        REQUIRE(first_outside(dx, dxv, ones(rows * cols, 40), 40) == -1);
        for (operand const* const o : {&mean, &inv_std, &y, &dx, &dgamma, &dbeta}) REQUIRE(o->guarded());
      }
}

TEST_CASE("batch_norm: a mean a thousand times the deviation costs no accuracy of the deviation") {
  index_t const rows = 5000, cols = 5;
  operand const x(rows * cols, 1, 0, 1000.f, 1001.f), gamma(cols, 2), beta(cols, 3);
  operand mean(cols, 4), inv_std(cols, 5), y(rows * cols, 6);
  auto m = mean.values(), s = inv_std.values(), yv = y.values();
  petra::kernel::batch_norm(scalar_tag{}, rows, cols, x.values().data(), gamma.values().data(), beta.values().data(),
                            0.0, m.data(), s.data(), yv.data());
  petra::kernel::batch_norm(best, rows, cols, x.data(), gamma.data(), beta.data(), 0.f, mean.data(), inv_std.data(),
                            y.data());
  CHECK(first_outside(mean, m, m, 4) == -1);
  CHECK(first_outside(inv_std, s, s, 1000) == -1);  // E[x^2] - mean^2 would be off by 10^6 eps
}

TEST_CASE("scale_shift: rows x columns x misalignments, also in place") {
  for (index_t const rows : {1, 3, 130})
    for (index_t const cols : {1, 7, 16, 19, 33})
      for (index_t const shift : operands::misalignments) {
        operand x(rows * cols, 1, shift), y(rows * cols, 2, shift);
        operand const scale(cols, 3, shift), offset(cols, 4, shift);
        auto exact = y.values();
        petra::kernel::scale_shift(scalar_tag{}, rows, cols, x.values().data(), scale.values().data(),
                                   offset.values().data(), exact.data());
        petra::kernel::scale_shift(best, rows, cols, x.data(), scale.data(), offset.data(), y.data());
        REQUIRE(first_outside(y, exact, ones(rows * cols, 2), 2) == -1);
        REQUIRE(y.guarded());
        petra::kernel::scale_shift(best, rows, cols, x.data(), scale.data(), offset.data(), x.data());
        REQUIRE(identical(x, y));
      }
}

TEST_CASE("batch_norm: statistics and sums of rows that come in parts") {
  for (index_t const rows : {1, 5, 300})
    for (index_t const cols : {1, 16, 19, 64})
      for (index_t const shift : operands::misalignments) {
        CAPTURE(rows);
        CAPTURE(cols);
        CAPTURE(shift);
        operand const x(rows * cols, 1, shift, 2.f, 3.f), dy(rows * cols, 2, shift), center(cols, 3, shift);
        auto const xv = x.values(), dv = dy.values(), cv = center.values();
        operand mean(cols, 4, shift), squares(cols, 5, shift), sum(cols, 6, shift), product(cols, 7, shift);
        auto m = mean.values(), q = squares.values(), s = sum.values(), p = product.values();
        petra::kernel::column_statistics(scalar_tag{}, 0, rows, cols, xv.data(), m.data(), q.data());
        petra::kernel::batch_norm_sums(scalar_tag{}, rows, cols, xv.data(), cv.data(), dv.data(), s.data(), p.data(),
                                       false);
        for (index_t first = 0, n = 0; first < rows; first += n) {
          n = std::min<index_t>(rows - first, 130);
          index_t const at = first * cols;
          petra::kernel::column_statistics(best, first, n, cols, x.data() + at, mean.data(), squares.data());
          petra::kernel::batch_norm_sums(best, n, cols, x.data() + at, center.data(), dy.data() + at, sum.data(),
                                         product.data(), first > 0);
        }
        auto const all = static_cast<double>(rows);
        REQUIRE(first_outside(mean, m, ones(cols, 3), 40) == -1);
        REQUIRE(first_outside(squares, q, ones(cols, all), 40) == -1);
        REQUIRE(first_outside(sum, s, ones(cols, all), 40) == -1);
        REQUIRE(first_outside(product, p, ones(cols, 4 * all), 40) == -1);
        for (operand const* const o : {&mean, &squares, &sum, &product}) REQUIRE(o->guarded());
      }
}

TEST_CASE("batch_norm: the gradient of the input, assigned and added") {
  for (index_t const rows : {1, 31, 70})
    for (index_t const cols : {1, 16, 19, 32, 64})
      for (bool const accumulate : {false, true}) {
        operand const x(rows * cols, 1), dy(rows * cols, 2), mean(cols, 3), scale(cols, 4), offset(cols, 5),
            slope(cols, 6);
        operand dx(rows * cols, 7);
        auto exact = dx.values();
        petra::kernel::batch_norm_gradient(scalar_tag{}, rows, cols, x.values().data(), mean.values().data(),
                                           scale.values().data(), offset.values().data(), slope.values().data(),
                                           dy.values().data(), exact.data(), accumulate);
        petra::kernel::batch_norm_gradient(best, rows, cols, x.data(), mean.data(), scale.data(), offset.data(),
                                           slope.data(), dy.data(), dx.data(), accumulate);
        REQUIRE(first_outside(dx, exact, ones(rows * cols, 5), 5) == -1);
        REQUIRE(dx.guarded());
      }
}
