#include "petra/kernel/simd/arithmetic.hpp"

#include <doctest/doctest.h>

#include "../operands.hpp"

using operands::operand;
using petra::index_t;
using petra::kernel::best;
using petra::kernel::scalar_tag;

TEST_CASE("arithmetic: lengths x misalignments against the reference") {
  for (index_t n = 0; n < 90; ++n)
    for (index_t const shift : operands::misalignments) {
      operand const a(n, 1, shift), b(n, 2, shift);
      operand y(n, 3, shift), expected(n, 3, shift);
      auto const same = [&] { return identical(y, expected) && y.guarded(); };
      petra::kernel::add(scalar_tag{}, n, a.data(), b.data(), expected.data());
      petra::kernel::add(best, n, a.data(), b.data(), y.data());
      REQUIRE(same());
      petra::kernel::add_to(scalar_tag{}, n, a.data(), expected.data());
      petra::kernel::add_to(best, n, a.data(), y.data());
      REQUIRE(same());
      petra::kernel::multiply(scalar_tag{}, n, a.data(), b.data(), expected.data());
      petra::kernel::multiply(best, n, a.data(), b.data(), y.data());
      REQUIRE(same());
      petra::kernel::add(best, n, y.data(), b.data(), y.data());  // in place
      petra::kernel::add_to(scalar_tag{}, n, b.data(), expected.data());
      REQUIRE(same());

      auto exact = y.values(), bound = y.magnitudes();
      petra::kernel::multiply_add(scalar_tag{}, n, a.values().data(), b.values().data(), exact.data());
      petra::kernel::multiply_add(scalar_tag{}, n, a.magnitudes().data(), b.magnitudes().data(), bound.data());
      petra::kernel::multiply_add(best, n, a.data(), b.data(), y.data());
      REQUIRE(first_outside(y, exact, bound, 2) == -1);
      REQUIRE(y.guarded());
    }
}
