// runtime/gates_s8.hpp and s16v.hpp on every int16, bit by bit against the specification and near the functions.
#include "petra/runtime/gates_s8.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "petra/kernel/reference/gates_s8.hpp"

namespace {

using namespace petra;
constexpr int lanes = rt::s16_lanes;

TEST_CASE("logistic_s16, tanh_s16: every argument") {
  double logistic_error = 0, tanh_error = 0;
  for (int first = -32768; first < 32768; first += lanes) {
    std::int16_t x[lanes], s[lanes], t[lanes];
    for (int i = 0; i < lanes; ++i) x[i] = static_cast<std::int16_t>(first + i);
    rt::store(s, rt::logistic_s16(rt::load(x, lanes)), lanes);
    rt::store(t, rt::tanh_s16(rt::load(x, lanes)), lanes);
    for (int i = 0; i < lanes; ++i) {
      REQUIRE(s[i] == kernel::logistic_s16(x[i]));
      REQUIRE(t[i] == kernel::tanh_s16(x[i]));
      double const v = x[i] / 4096.;
      logistic_error = std::fmax(logistic_error, std::fabs(s[i] / 16384. - 1 / (1 + std::exp(-v))));
      tanh_error = std::fmax(tanh_error, std::fabs(t[i] / 16384. - std::tanh(v)));
    }
  }
  CHECK(logistic_error < 1.4e-4);
  CHECK(tanh_error < 9e-4);
}

TEST_CASE("s16v: products and saturated sums") {
  int const ends[] = {-32768, -32767, -12345, -1, 0, 1, 2, 777, 16384, 32766, 32767};
  for (int a : ends)
    for (int b : ends) {
      std::int16_t r[lanes];
      rt::store(r, rt::add(rt::all_s16(a), rt::all_s16(b)), lanes);
      CHECK(r[5] == kernel::saturate_s16(a + b));
      if (a == -32768 && b == -32768) continue;
      rt::store(r, rt::multiply(rt::all_s16(a), rt::all_s16(b)), lanes);
      CHECK(r[6] == kernel::product_s16(a, b));
    }
  for (std::int32_t v : {-2000000000, -32769, -32768, 0, 5, 32767, 32768, 2000000000}) {
    std::int16_t r[16];
    rt::store_s16(r, rt::i32x16::broadcast(v));
    CHECK(r[15] == kernel::saturate_s16(v));
  }
}

}  // namespace
