#include "petra/data/synthetic_series.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <complex>
#include <limits>

using namespace petra::data;
using petra::index_t;

namespace {

float const* values(sequences const& s, index_t i) {
  return s.x.data() + s.start[static_cast<std::size_t>(i)] * s.channels();
}

index_t nearest_of(sequences const& train, sequences const& test, index_t i) {
  double best = std::numeric_limits<double>::infinity();
  index_t found = 0;
  for (index_t k = 0; k < train.size(); ++k) {
    double sum = 0;
    for (index_t t = 0; t < test.length; ++t)
      sum += std::pow(static_cast<double>(values(train, k)[t]) - static_cast<double>(values(test, i)[t]), 2);
    if (sum < best) best = sum, found = k;
  }
  return found;
}

// The figure that fits best anywhere at one of four widths, by the share of a window's variance that it explains beyond
// a line: what a small convolutional network has to find out for itself.
index_t best_figure(sequences const& s, index_t i, index_t figures) {
  double best = 0;
  index_t found = 0;
  for (index_t const width : {16, 19, 22, 25})
    for (index_t k = 0; k < figures; ++k) {
      std::vector<double> figure(static_cast<std::size_t>(width));
      double mean = 0, norm = 0;
      for (index_t t = 0; t < width; ++t)
        mean += figure[static_cast<std::size_t>(t)] =
            static_cast<double>(shapelet(k, static_cast<float>(t) / static_cast<float>(width)));
      for (double& f : figure) f -= mean / static_cast<double>(width), norm += f * f;
      for (index_t at = 0; at + width <= s.length; ++at) {
        double dot = 0;
        for (index_t t = 0; t < width; ++t)
          dot += figure[static_cast<std::size_t>(t)] * static_cast<double>(values(s, i)[at + t]);
        double const fit = dot / std::sqrt(norm);
        if (fit > best) best = fit, found = k;
      }
    }
  return found;
}

}  // namespace

TEST_CASE("synthetic_series: a function of seed and number, the longer set begins with the shorter") {
  auto const a = synthetic_series({.count = 20, .channels = 2}), b = synthetic_series({.count = 30, .channels = 2});
  CHECK(std::equal(a.x.begin(), a.x.end(), b.x.begin()));
  CHECK_FALSE(synthetic_series({.count = 20, .seed = 2, .channels = 2}).x == a.x);
  CHECK(a.sample_shape() == petra::shape(128, 2));
  CHECK(a.size() == 20);
  CHECK(a.label(5) == 1);
  CHECK(a.class_names == std::vector<std::string>{"wave", "wave reversed", "burst", "ramp up"});
  CHECK(synthetic_series({.count = 8, .classes = 8}).classes() == 8);
}

TEST_CASE("synthetic_series: lengths vary when asked to") {
  auto const set = synthetic_series({.count = 200, .length = 60, .shortest = 40});
  index_t shortest = 1000, longest = 0;
  for (index_t i = 0; i < set.size(); ++i)
    shortest = std::min(shortest, set.steps(i)), longest = std::max(longest, set.steps(i));
  CHECK(shortest == 40);
  CHECK(longest == 60);
  CHECK(set.sample_shape() == petra::shape(60, 1));
  CHECK(set.start.back() == static_cast<index_t>(set.x.size()));
}

TEST_CASE("synthetic_series: about standardized") {
  for (auto const& x : {synthetic_series().x, synthetic_series_targets().x}) {
    double mean = 0, square = 0;
    for (float const v : x) {
      mean += static_cast<double>(v) / static_cast<double>(x.size());
      square += std::pow(static_cast<double>(v), 2) / static_cast<double>(x.size());
    }
    CHECK(std::abs(mean) < 0.1);
    CHECK(std::sqrt(square) > 0.7);
    CHECK(std::sqrt(square) < 1.3);
  }
}

TEST_CASE("synthetic_series: the figures can be found, but not by comparing whole series") {
  auto const train = synthetic_series({.count = 100}), test = synthetic_series({.count = 200, .seed = 2});
  int by_figure = 0, by_neighbor = 0;
  for (index_t i = 0; i < test.size(); ++i) {
    by_figure += best_figure(test, i, 4) == test.label(i);
    by_neighbor += train.label(nearest_of(train, test, i)) == test.label(i);
  }
  CHECK(by_figure >= 190);
  CHECK(by_neighbor < 130);
  CHECK(by_neighbor > 60);  // a little better than one in four
}

TEST_CASE("synthetic_series: the number to predict is the frequency") {
  auto const train = synthetic_series_targets({.count = 100}),
             test = synthetic_series_targets({.count = 200, .seed = 2});
  double by_spectrum = 0, by_neighbor = 0;
  for (index_t i = 0; i < test.size(); ++i) {
    double best = 0, cycles = 0;
    for (double f = 3; f <= 20; f += 0.1) {
      std::complex<double> sum = 0;
      for (index_t t = 0; t < 128; ++t)
        sum += static_cast<double>(values(test, i)[t]) * std::polar(1., -6.2831853 * f * static_cast<double>(t) / 128);
      if (std::abs(sum) > best) best = std::abs(sum), cycles = f;
    }
    auto const y = static_cast<double>(test.y[static_cast<std::size_t>(i)]);
    by_spectrum += std::pow(y - (cycles - 11.5) / 4.9075, 2) / 200;
    by_neighbor +=
        std::pow(y - static_cast<double>(train.y[static_cast<std::size_t>(nearest_of(train, test, i))]), 2) / 200;
  }
  CHECK(std::sqrt(by_spectrum) < 0.1);
  CHECK(std::sqrt(by_neighbor) > 0.25);
}

TEST_CASE("synthetic_series: settings outside their range") {
  auto const message = [](synthetic_series_settings const& s) {
    try {
      static_cast<void>(synthetic_series(s));
    } catch (petra::setting_error const& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  CHECK(message({.count = 0}) == "synthetic_series: count must lie in [1, 10000000], found 0");
  CHECK_FALSE(message({.length = 31}).empty());
  CHECK_FALSE(message({.length = 64, .shortest = 65}).empty());
  CHECK_FALSE(message({.channels = 0}).empty());
  CHECK_FALSE(message({.classes = 9}).empty());
  CHECK_FALSE(message({.noise = std::nanf("")}).empty());
}
