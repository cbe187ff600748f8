// runtime/conv1d_step_f32.hpp: sample by sample the same as the whole series at once.
#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "guarded_operand.hpp"
#include "petra/core/random.hpp"
#include "petra/runtime/conv1d_f32.hpp"
#include "petra/runtime/conv1d_step_f32.hpp"

namespace {

using namespace petra;
using rt::conv1d_f32_shape;

conv1d_f32_shape causal(index_t c, index_t o, index_t taps, index_t dilation, bool relu) {
  return {.in = {1, c}, .out = {1, o}, .taps = taps, .dilation = dilation, .relu = relu};
}

template <class Shape>
bool agrees(Shape shape, index_t length, std::uint64_t seed = 1) {
  conv1d_f32_shape const s = shape;
  petra::random r(key(seed, s.in.c, s.out.c, s.taps, s.dilation));
  index_t const c = s.in.c, o = s.out.c, past = (s.taps - 1) * s.dilation;
  conv1d_f32_shape whole = s;
  whole.in = {length, c, past, 0};
  whole.out = {length, o, 0, 0};
  whole.pad = past;
  guarded::operand<float> w(o * s.taps * c), packed(rt::packed_size(s)), bias(o), series(whole.in.elements()),
      want(length * o), x(c), y(o), history(rt::history_size(s));
  for (float& e : w.span()) e = r.normal();
  for (float& e : bias.span()) e = r.normal();
  for (index_t i = past * c; i < series.size(); ++i) series[i] = r.normal();
  rt::pack(s, w.data(), packed.data());
  rt::conv1d_f32(whole, series.data(), packed.data(), bias.data(), want.data());
  index_t position = 0;
  for (index_t i = 0; i < length; ++i) {
    for (index_t k = 0; k < c; ++k) x[k] = series[(past + i) * c + k];
    rt::conv1d_step_f32(shape, x.data(), packed.data(), bias.data(), history.data(), position, y.data());
    for (index_t k = 0; k < o; ++k)
      if (!(std::abs(y[k] - want[i * o + k]) <= 1e-5f * std::sqrt(static_cast<float>(s.taps * c)) * 10)) return false;
  }
  return true;
}

TEST_CASE("conv1d_step_f32: channels x outputs") {
  for (index_t const c : {1, 2, 3, 4, 7, 8, 12, 16, 17, 32, 33, 64})
    for (index_t const o : {1, 3, 4, 5, 8, 9, 12, 16, 17, 33, 48, 64, 80}) {
      CAPTURE(c);
      CAPTURE(o);
      REQUIRE(agrees(causal(c, o, 3, 1, o % 2 == 0), 8));
    }
}

TEST_CASE("conv1d_step_f32: taps x dilations, past the ring's end more than once") {
  for (index_t taps = 1; taps <= 9; ++taps)
    for (index_t dilation = 1; dilation <= 5; ++dilation) {
      CAPTURE(taps);
      CAPTURE(dilation);
      REQUIRE(agrees(causal(4, 4, taps, dilation, false), 3 * taps * dilation + 2));
    }
}

TEST_CASE("conv1d_step_f32: 10,000 random shapes") {
  petra::random r(4);
  auto const one_to = [&](index_t n) { return 1 + static_cast<index_t>(r.index(n)); };
  for (int i = 0; i < 10000; ++i) {
    conv1d_f32_shape const s = causal(one_to(9), i % 8 == 0 ? one_to(70) : one_to(6), one_to(4), one_to(3), i % 2 == 0);
    CAPTURE(i);
    REQUIRE(agrees(s, 5, static_cast<std::uint64_t>(i)));
  }
}

TEST_CASE("conv1d_step_f32: literal extents") {
  REQUIRE(agrees(rt::fixed<conv1d_f32_shape{.in = {1, 4}, .out = {1, 4}, .taps = 3}>{}, 9));
  REQUIRE(agrees(rt::fixed<conv1d_f32_shape{.in = {1, 8}, .out = {1, 8}, .taps = 3, .dilation = 2}>{}, 9));
  REQUIRE(agrees(rt::fixed<conv1d_f32_shape{.in = {1, 64}, .out = {1, 50}, .taps = 3, .relu = true}>{}, 9));
}

}  // namespace
