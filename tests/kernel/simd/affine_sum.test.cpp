#include "petra/kernel/simd/affine_sum.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "../operands.hpp"

using operands::operand;
using petra::index_t;
using petra::kernel::affine_term;
using petra::kernel::best;
using petra::kernel::scalar_tag;

TEST_CASE("affine_sum: rows x columns x misalignments, each kind of term, with and without ReLU, also in place") {
  for (index_t const rows : {1, 3, 31, 33, 70})
    for (index_t const cols : {1, 4, 7, 8, 15, 16, 17, 24, 32, 33, 64, 80, 128})
      for (index_t const shift : operands::misalignments) {
        CAPTURE(rows);
        CAPTURE(cols);
        CAPTURE(shift);
        operand const x(rows * cols, 1, shift), z(rows * cols, 2, shift), center(cols, 3, shift), scale(cols, 4, shift),
            offset(cols, 5, shift);
        auto const xv = x.values(), zv = z.values(), cv = center.values(), sv = scale.values(), ov = offset.values();
        affine_term<float> const a[] = {{x.data()}, {x.data(), center.data(), scale.data(), offset.data()}};
        affine_term<double> const exact_a[] = {{xv.data()}, {xv.data(), cv.data(), sv.data(), ov.data()}};
        affine_term<float> const b[] = {{}, {z.data()}, {z.data(), offset.data(), center.data(), scale.data()}};
        affine_term<double> const exact_b[] = {{}, {zv.data()}, {zv.data(), ov.data(), cv.data(), sv.data()}};
        for (int i = 0; i < 6; ++i)
          for (bool const relu : {false, true}) {
            CAPTURE(i);
            CAPTURE(relu);
            operand y(rows * cols, 6, shift);
            auto exact = y.values();
            petra::kernel::affine_sum(scalar_tag{}, rows, cols, exact_a[i % 2], exact_b[i / 2], relu, exact.data());
            petra::kernel::affine_sum(best, rows, cols, a[i % 2], b[i / 2], relu, y.data());
            // No intermediate value exceeds 3 in one term.
            REQUIRE(first_outside(y, exact, std::vector<double>(exact.size(), 6), 4) == -1);
            REQUIRE(y.guarded());
            operand in_place(rows * cols, 1, shift);
            affine_term<float> self = a[i % 2];
            self.x = in_place.data();
            petra::kernel::affine_sum(best, rows, cols, self, b[i / 2], relu, in_place.data());
            REQUIRE(identical(in_place, y));
          }
      }
}

TEST_CASE("affine_sum: NaN stays NaN") {
  float const nan[] = {std::numeric_limits<float>::quiet_NaN()}, one[] = {1}, zero[] = {0};
  float y = 0;
  petra::kernel::affine_sum(best, 1, 1, {nan}, {}, true, &y);
  CHECK(std::isnan(y));
  petra::kernel::affine_sum(best, 1, 1, {one, zero, one, zero}, {nan}, true, &y);
  CHECK(std::isnan(y));
}
