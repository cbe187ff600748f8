#include "petra/kernel/simd/relu.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "../operands.hpp"

using operands::operand;
using petra::index_t;
using petra::kernel::best;
using petra::kernel::relu;
using petra::kernel::relu_backward;
using petra::kernel::scalar_tag;

TEST_CASE("relu: lengths x misalignments, bit for bit the reference, also in place") {
  for (index_t n = 0; n < 90; ++n)
    for (index_t const shift : operands::misalignments) {
      operand x(n, 1, shift);
      operand const dy(n, 2, shift);
      operand y(n, 3, shift), expected(n, 3, shift), dx(n, 4, shift), dx_expected(n, 4, shift);
      relu(scalar_tag{}, n, x.data(), expected.data());
      relu(best, n, x.data(), y.data());
      relu_backward(scalar_tag{}, n, y.data(), dy.data(), dx_expected.data());
      relu_backward(best, n, y.data(), dy.data(), dx.data());
      relu(best, n, x.data(), x.data());
      REQUIRE(identical(y, expected));
      REQUIRE(identical(x, expected));
      REQUIRE(identical(dx, dx_expected));
      REQUIRE(y.guarded());
      REQUIRE(dx.guarded());
      operand masked(n, 2, shift);
      petra::kernel::relu_mask(scalar_tag{}, n, y.data(), dy.data(), dx_expected.data());
      petra::kernel::relu_mask(best, n, y.data(), masked.data(), masked.data());
      REQUIRE(identical(masked, dx_expected));
      REQUIRE(masked.guarded());
    }
}

TEST_CASE("relu: NaN stays NaN in every lane") {
  operand x(37, 1);
  for (index_t i = 0; i < x.size(); ++i) x.data()[i] = std::numeric_limits<float>::quiet_NaN();
  relu(best, x.size(), x.data(), x.data());
  for (index_t i = 0; i < x.size(); ++i) CHECK(std::isnan(x[i]));
}
