// kernel/simd/activation.hpp: values and slopes over all binades of floats against double, and loops over every length.
// The values themselves: tests/core.
#include "petra/kernel/simd/activation.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "../../core/ulp.hpp"
#include "../operands.hpp"

namespace {

using namespace petra;
using namespace petra::kernel;
using operands::operand;

constexpr float infinity = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();

// The magnitudes of the two terms of a slope.
template <class F>
double terms(double x) {
  using namespace activations;
  if constexpr (std::is_same_v<F, gelu>) return gelu::below(x) + product(std::fabs(x), std::exp(-x * x / 2) * 0.39894);
  if constexpr (std::is_same_v<F, silu>) return logistic(x) + product(std::fabs(x), logistic(x) * logistic(-x));
  if constexpr (std::is_same_v<F, gelu_tanh>) {
    double const u = gelu_tanh::argument(x), rise = 1.59576912 * (1 + 0.134145 * x * x);
    return logistic(u) + product(std::fabs(x) * rise, logistic(u) * logistic(-u));
  }
  return std::fabs(F::slope(x));
}

// Emulated: fewer.
#if defined(__x86_64__)
constexpr std::uint32_t in_binades = 12289, densely = 31;
#else
constexpr std::uint32_t in_binades = 98317, densely = 509;
#endif

// Slopes of x (or of results y in [-1, 1]) within `ulps` of its terms: in every binade, and densely where they bend.
template <class F, class Ulps>
bool slopes_within(Ulps ulps, float& at) {
  auto const slope = [](ulp::f32v x) { return simd::slope(F{}, x); };
  auto const exact = [](double x) { return F::slope(x); };
  auto const allowed = [&](double x, double) {
    double const t = terms<F>(x);
    return ulps(x) * ulp::unit(t) + (t < 0x1p-118 ? 64 * 0x1p-149 : 0);
  };
  auto const within = [&](ulp::range r) { return ulp::within(r, slope, exact, allowed, at); };
  auto const bits = [](float x) { return std::bit_cast<std::uint32_t>(x); };
  auto const dense = [&](float from) { return within({bits(from), bits(from) + 0x7fffff, densely}); };
  std::uint32_t const last = bits(F::of_result ? 1.f : std::numeric_limits<float>::max());
  return within({0, last, in_binades}) && within({0x80000000u, 0x80000000u + last, in_binades}) && dense(0.5f) &&
         dense(-0.5f) && (F::of_result || (dense(1.f) && dense(-1.f) && dense(-4.f)));
}
constexpr auto flat(double n) {
  return [n](double) { return n; };
}

TEST_CASE("activation: slopes over all floats, in ulp") {
  float at = 0;
  CAPTURE(at);
  CHECK(slopes_within<activations::sigmoid>(flat(1.5), at));
  CHECK(slopes_within<activations::tanh>(flat(1.6), at));
  CHECK(slopes_within<activations::gelu>(flat(5), at));
  CHECK(slopes_within<activations::silu>(flat(4.5), at));
  CHECK(slopes_within<activations::gelu_tanh>([](double x) { return 3 + (x < -1 ? 2.5 * x * x : 0); }, at));
}

TEST_CASE("activation: slopes at the ends") {
  auto const ends = [](auto f) {
    auto const slope = [f](ulp::f32v x) { return simd::slope(f, x); };
    CHECK(ulp::one(slope, infinity) == 1.f);
    CHECK(std::fabs(ulp::one(slope, -infinity)) < 1e-37f);
    CHECK(ulp::one(slope, 0.f) == 0.5f);
    CHECK(std::isnan(ulp::one(slope, nan)));
  };
  ends(activations::gelu{});
  ends(activations::gelu_tanh{});
  ends(activations::silu{});
  CHECK(std::isnan(ulp::one([](ulp::f32v y) { return simd::slope(activations::tanh{}, y); }, nan)));
  CHECK(std::isnan(ulp::one([](ulp::f32v y) { return simd::slope(activations::sigmoid{}, y); }, nan)));
}

// Lengths x misalignments; an element has the same bits wherever it lies.
template <class F>
void lengths(double relative) {
  operand const all(200, 1, 0, -5.f, 5.f), all_dy(200, 2);
  operand values(200, 3), grads(200, 4, 0, 0.f, 1e-30f);
  for (index_t i = 0; i < 200; ++i) grads.data()[i] = 0;
  activate<F>(best, 200, all.data(), values.data());
  activate_backward<F>(best, 200, F::of_result ? values.data() : all.data(), all_dy.data(), grads.data());
  for (index_t const n : {0, 1, 3, 7, 15, 16, 17, 31, 64, 130})
    for (index_t const shift : operands::misalignments) {
      operand x(n, 1, shift), dy(n, 2, shift), y(n, 3, shift), dx(n, 4, shift);
      std::copy_n(all.data(), n, x.data()), std::copy_n(all_dy.data(), n, dy.data());
      std::fill_n(dx.data(), n, 0.f);
      activate<F>(best, n, x.data(), y.data());
      activate_backward<F>(best, n, F::of_result ? y.data() : x.data(), dy.data(), dx.data());
      activate<F>(best, n, x.data(), x.data());  // in place
      REQUIRE(identical(x, y));
      for (index_t i = 0; i < n; ++i) {
        auto const v = static_cast<double>(all[i]);
        REQUIRE(y[i] == values[i]);
        REQUIRE(dx[i] == grads[i]);
        REQUIRE(static_cast<double>(y[i]) == doctest::Approx(F::of(v)).epsilon(relative));
        double const want = static_cast<double>(dy[i]) * F::slope(F::of_result ? F::of(v) : v);
        REQUIRE(static_cast<double>(dx[i]) == doctest::Approx(want).epsilon(relative));
      }
      REQUIRE(y.guarded());
      REQUIRE(dx.guarded());
      activate_backward<F>(best, n, F::of_result ? y.data() : all.data(), dy.data(), dx.data());  // accumulates
      for (index_t i = 0; i < n; ++i) REQUIRE(dx[i] == doctest::Approx(2 * grads[i]));
    }
}

// Those that are made of straight lines: equal but for rounding, at the kinks and beside them, and NaN stays NaN.
template <class F>
void lines(F f) {
  float const kinks[] = {-3, 0, 3, 6};
  for (float const kink : kinks)
    for (float const x : {std::nextafter(kink, -9.f), kink, std::nextafter(kink, 9.f), kink - 0.5f, kink + 0.5f}) {
      float y = 0, dx = 0, one = 1;
      activate<F>(best, 1, &x, &y, f);
      REQUIRE(y == doctest::Approx(f.of(static_cast<double>(x))).epsilon(1e-6));
      activate_backward<F>(best, 1, F::of_result ? &y : &x, &one, &dx, f);
      REQUIRE(dx == doctest::Approx(f.slope(static_cast<double>(F::of_result ? y : x))).epsilon(1e-6));
    }
  for (float const x : {infinity, -infinity, nan}) {
    float y = 0;
    activate<F>(best, 1, &x, &y, f);
    float const wanted = f.of(x);
    REQUIRE((y == wanted || (std::isnan(y) && std::isnan(x))));
  }
}

TEST_CASE("activate: straight lines and their kinks") {
  lines(activations::relu6{});
  lines(activations::hard_swish{});
  lines(activations::leaky_relu{0.2f});
  operand x(37, 1, 1, -5.f, 5.f), y(37, 2, 1);
  activate<activations::leaky_relu>(best, 37, x.data(), y.data(), {0.5f});
  for (index_t i = 0; i < 37; ++i) REQUIRE(y[i] == (x[i] < 0 ? x[i] * 0.5f : x[i]));
  REQUIRE(y.guarded());
}

TEST_CASE("activate, activate_backward: lengths x misalignments") {
  lengths<activations::sigmoid>(2e-4);
  lengths<activations::tanh>(2e-3);  // of a slope that is 1 - y^2 of a rounded y
  lengths<activations::gelu>(1e-4);
  lengths<activations::gelu_tanh>(1e-4);
  lengths<activations::silu>(1e-4);
  lengths<activations::relu6>(1e-6);
  lengths<activations::hard_swish>(1e-5);
}

}  // namespace
