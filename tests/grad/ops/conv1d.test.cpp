#include "petra/grad/ops/conv1d.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "../../thrown.hpp"
#include "petra/grad/check.hpp"

using petra::index_t;
using petra::tape;
using petra::tensor;
using petra::var;
using petra::ops::conv1d_settings;

namespace {

// The definition: sums over taps and channels, steps outside [0, length) are zeros.
std::vector<double> summed_taps(tape<double> const& t, var x, var w, var b, conv1d_settings const& s) {
  auto const in = t.shape(x);
  index_t const n = in[0], steps = in[1], c = in[2], o = t.shape(w)[0], gc = c / s.groups, go = o / s.groups,
                out = (steps + s.before + s.after - (s.taps - 1) * s.dilation - 1) / s.stride + 1;
  std::vector<double> y;
  for (index_t i = 0; i < n; ++i)
    for (index_t l = 0; l < out; ++l)
      for (index_t k = 0; k < o; ++k) {
        double sum = b ? t.value(b)[k] : 0;
        for (index_t tap = 0; tap < s.taps; ++tap) {
          index_t const at = l * s.stride + tap * s.dilation - s.before;
          if (at < 0 || at >= (t.length(x) == nullptr ? steps : t.length(x)[i])) continue;
          for (index_t j = 0; j < gc; ++j)
            sum += t.value(x)[(i * steps + at) * c + k / go * gc + j] * t.value(w)[(k * s.taps + tap) * gc + j];
        }
        y.push_back(sum);
      }
  return y;
}

constexpr conv1d_settings conv1d_cases[] = {
    {.taps = 3},
    {.taps = 4, .before = 1, .after = 2},
    {.taps = 3, .stride = 2, .before = 0, .after = 0},
    {.taps = 3, .before = 4, .after = 0, .dilation = 2},
    {.taps = 2, .stride = 3, .before = 1, .after = 1, .groups = 2, .dilation = 3},
    {.taps = 5, .before = 2, .after = 2, .groups = 4},
    {.taps = 1, .before = 0, .after = 0},
};

}  // namespace

TEST_CASE("conv1d: values against plain loops, with and without lengths, in float and double") {
  std::int32_t const length[] = {9, 4, 0};
  for (auto const& s : conv1d_cases)
    for (bool const padded : {false, true}) {
      petra::random r(1), q(1);
      tape<double> t;
      tape<float> f;
      auto run = [&](auto& tp, petra::random& g) {
        var const x = petra::ops::draw(tp, g, {3, 9, 4}), w = petra::ops::draw(tp, g, {4, s.taps * 4 / s.groups}),
                  b = petra::ops::draw(tp, g, {1, 4});
        if (padded) tp.set_length(x, length);
        return std::array{petra::ops::conv1d(tp, x, w, b, s), x, w, b};
      };
      auto const [y, x, w, b] = run(t, r);
      var const z = run(f, q)[0];
      auto const wanted = summed_taps(t, x, w, b, s);
      REQUIRE(t.shape(y).count() == static_cast<index_t>(wanted.size()));
      index_t const out = t.shape(y)[1];
      for (index_t i = 0; i < t.shape(y).count(); ++i) {
        // Steps behind the length hold anything.
        if (padded && i / 4 % out >= t.length(y)[i / 4 / out]) continue;
        double const want = wanted[static_cast<std::size_t>(i)];
        REQUIRE(t.value(y)[i] == doctest::Approx(want));
        REQUIRE(static_cast<double>(f.value(z)[i]) == doctest::Approx(want).epsilon(1e-4));
      }
    }
}

TEST_CASE("conv1d: gradients against central differences") {
  for (auto const& s : conv1d_cases)
    for (bool const padded : {false, true}) {
      double const worst = petra::gradient_error([&](tape<double>& t) {
        petra::random r(2);
        var const x = petra::ops::draw(t, r, {3, 6, 4});
        if (padded) t.set_length(x, petra::ops::example_lengths(t, 3, 6));
        return petra::ops::without_padding(t,
                                           petra::ops::conv1d(t, x, petra::ops::draw(t, r, {4, s.taps * 4 / s.groups}),
                                                              petra::ops::draw(t, r, {1, 4}), s));
      });
      CHECK(worst < 1e-6);
    }
}

TEST_CASE("conv1d: the lengths of what it makes") {
  tape<float> t;
  tensor<float> const x({3, 9, 1}), w({1, 3});
  std::int32_t const length[] = {9, 4, 1};
  auto lengths = [&](conv1d_settings const& s) {
    var const v = t.constant(x);
    t.set_length(v, length);
    auto const* const l = t.length(petra::ops::conv1d(t, v, t.constant(w), var{}, s));
    return std::vector<std::int32_t>(l, l + 3);
  };
  CHECK(lengths({.taps = 3}) == std::vector<std::int32_t>{9, 4, 1});
  CHECK(lengths({.taps = 3, .stride = 2}) == std::vector<std::int32_t>{5, 2, 1});
  CHECK(lengths({.taps = 3, .before = 0, .after = 0}) == std::vector<std::int32_t>{7, 2, 0});
}

TEST_CASE("conv1d: what does not fit is an error") {
  tape<float> t;
  auto conv = [&](petra::shape x, petra::shape w, conv1d_settings const& s, index_t biases = 0) {
    tensor<float> const in(x), weight(w), bias({1, std::max<index_t>(biases, 1)});
    return petra_test::thrown<petra::shape_error>(
        [&] { petra::ops::conv1d(t, t.constant(in), t.constant(weight), biases == 0 ? var{} : t.constant(bias), s); });
  };
  CHECK(conv({1, 8, 3}, {4, 6}, {}) ==
        "conv1d: expected (N,L,2) for a weight of 6 columns and 3 taps, found 3 axes with 3 channels");
  CHECK(petra_test::says(conv({1, 1, 8, 2}, {4, 6}, {}), "found 4 axes"));
  CHECK(petra_test::says(conv({1, 8, 2}, {4, 7}, {}), "a weight of 7 columns"));
  CHECK(conv({1, 8, 4}, {5, 6}, {.groups = 2}) == "conv1d: expected a multiple of 2 (groups) output channels, found 5");
  CHECK(conv({1, 8, 2}, {4, 6}, {}, 3) == "conv1d: expected 4 biases, found 3");
  CHECK(conv({1, 4, 2}, {4, 6}, {.before = 0, .after = 0, .dilation = 2}) ==
        "conv1d: expected at least 5 steps, found 4");
}
