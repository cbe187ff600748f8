#include "petra/kernel/simd/vector.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "../operands.hpp"

using namespace petra::kernel::simd;
using operands::operand;
using petra::index_t;

TEST_CASE("vector: as wide as PETRA_ABI says") { CHECK(lanes * 4 == PETRA_VECTOR_BYTES); }

TEST_CASE("vector: partial loads fill with zeros, partial stores touch nothing behind them") {
  for (index_t n = 0; n <= lanes; ++n)
    for (index_t const shift : operands::misalignments) {
      operand const x(n, 1, shift);
      operand y(lanes, 2, shift), z(n, 3, shift);
      vector const v = load_first(x.data(), n);
      store(y.data(), v);
      store_first(z.data(), v, n);
      for (index_t i = 0; i < lanes; ++i) REQUIRE(y[i] == (i < n ? x[i] : 0.f));
      REQUIRE(identical(x, z));
      REQUIRE(z.guarded());
    }
}

TEST_CASE("vector: fmadd, broadcast and NaN in comparisons") {
  operand const a(lanes, 1), b(lanes, 2), c(lanes, 3);
  operand y(lanes, 4);
  store(y.data(), fmadd(load(a.data()), load(b.data()), load(c.data())));
  bool const fused = petra::kernel::simd::registers == 32 || PETRA_VECTOR_BYTES == 32;
  for (index_t i = 0; i < lanes; ++i) {
    if (fused) CHECK(y[i] == std::fma(a[i], b[i], c[i]));
    CHECK(std::fabs(y[i] - (a[i] * b[i] + c[i])) < 1e-6f);
  }
  store(y.data(), broadcast(2.5f));
  for (index_t i = 0; i < lanes; ++i) CHECK(y[i] == 2.5f);
  vector const nan = broadcast(std::nanf(""));
  store(y.data(), select(isnan(nan), broadcast(1.f), zero()));
  for (index_t i = 0; i < lanes; ++i) CHECK(y[i] == 1.f);
  store(y.data(), select((nan < zero()) | (nan > zero()), broadcast(1.f), zero()));
  for (index_t i = 0; i < lanes; ++i) CHECK(y[i] == 0.f);
}
