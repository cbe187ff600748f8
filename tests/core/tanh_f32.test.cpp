// core/tanh_f32.hpp over all binades of floats, and every float of some, against double.
#include "petra/core/tanh_f32.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "ulp.hpp"

namespace {

using namespace petra;
using ulp::f32v;

constexpr float infinity = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
auto const tanh_of = [](f32v x) { return elementary::tanh(x); };
auto const gate_of = [](f32v x) { return elementary::gate(x).value(); };

TEST_CASE("tanh_f32: 5.5 ulp with a fused multiply-add, 7 without, and at most 1") {
  double const most = ulp::fused() ? 5.5 : 7;
  float at = 0;
  auto const exact = [](double x) { return std::tanh(x); };
  auto const allowed = [=](double, double y) { return most * ulp::unit(y); };
  bool const ok = ulp::everywhere(tanh_of, exact, allowed, at);
  CAPTURE(at);
  CHECK(ok);
  for (float x = 4.f; x < 12.f; x += 0x1p-12f) REQUIRE(std::fabs(ulp::one(tanh_of, x)) <= 1.f);
}

TEST_CASE("gate_f32: 2.5e-7") {
  float at = 0;
  bool const ok = ulp::everywhere(
      gate_of, [](double x) { return 1 / (1 + std::exp(-x)); }, [](double, double) { return 2.5e-7; }, at);
  CAPTURE(at);
  CHECK(ok);
}

TEST_CASE("tanh_f32, gate_f32: the ends, symmetry") {
  CHECK(ulp::one(tanh_of, infinity) > 0.9999997f);
  CHECK(ulp::one(tanh_of, -infinity) < -0.9999997f);
  CHECK(ulp::one(tanh_of, 0x1p-149f) == 0x1p-149f);
  CHECK(std::signbit(ulp::one(tanh_of, -0.f)));
  CHECK(std::isnan(ulp::one(tanh_of, nan)));
  CHECK(ulp::one(gate_of, 0.f) == 0.5f);
  CHECK(ulp::one(gate_of, infinity) > 0.9999997f);
  CHECK(std::isnan(ulp::one(gate_of, nan)));
  for (float x = 0.001f; x < 20.f; x *= 1.01f) REQUIRE(ulp::one(tanh_of, -x) == -ulp::one(tanh_of, x));
}

}  // namespace
