// core/normal_f32.hpp over all binades of floats, and every float of some, against double.
#include "petra/core/normal_f32.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "ulp.hpp"

namespace {

using namespace petra;
using ulp::f32v;

constexpr float infinity = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
auto const below_of = [](f32v x) { return elementary::normal_below(x); };
auto const gelu_of = [](f32v x) { return elementary::gelu(x); };
auto const gelu_tanh_of = [](f32v x) { return elementary::gelu_tanh(x); };
auto const silu_of = [](f32v x) { return elementary::silu(x); };

double phi(double x) { return 0.5 * std::erfc(-x * 0.70710678118654752440); }
// So many ulp of a normal number, 64 of a denormal's on top where the factor of x may be one.
auto const ulps = [](double n) {
  return [=](double, double y) { return n * ulp::unit(y) + (std::fabs(y) < 0x1p-118 ? 64 * 0x1p-149 : 0); };
};

TEST_CASE("normal_below_f32: 6.5 ulp; gelu_f32: 10; silu_f32: 4") {
  float at = 0;
  bool ok = ulp::everywhere(below_of, phi, ulps(6.5), at);
  CAPTURE(at);
  CHECK(ok);
  ok = ulp::everywhere(
      gelu_of, [](double x) { return x * phi(x); }, ulps(10), at);
  CHECK(ok);
  ok = ulp::everywhere(
      silu_of, [](double x) { return x / (1 + std::exp(-x)); }, ulps(4), at);
  CHECK(ok);
}

TEST_CASE("gelu_tanh_f32: 4 ulp from -1 on, 4 + 2.5 x^2 below") {
  auto const exact = [](double x) { return x / (1 + std::exp(-1.5957691216057308 * (x + 0.044715 * x * x * x))); };
  auto const allowed = [](double x, double y) { return ulps(4 + (x < -1 ? 2.5 * x * x : 0))(x, y); };
  float at = 0;
  bool const ok = ulp::everywhere(gelu_tanh_of, exact, allowed, at);
  CAPTURE(at);
  CHECK(ok);
}

TEST_CASE("gelu_f32, gelu_tanh_f32, silu_f32: the ends") {
  auto const ends = [](auto f) {
    CHECK(ulp::one(f, infinity) == infinity);
    CHECK(ulp::one(f, -infinity) == 0.f);
    CHECK(ulp::one(f, 0.f) == 0.f);
    CHECK(ulp::one(f, 3e38f) == 3e38f);
    CHECK(ulp::one(f, -3e38f) == 0.f);
    CHECK(std::isnan(ulp::one(f, nan)));
  };
  ends(gelu_of);
  ends(gelu_tanh_of);
  ends(silu_of);
}

}  // namespace
