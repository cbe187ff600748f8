// Series that need no file: with classes, by a figure hidden somewhere in them, or with a number to predict, their
// frequency.
//
// Classes: one of eight figures (shapelets) of random width, height and place, on a slow drift, beside a spike that
// means nothing and noise. What stands at one time says nothing: of four classes the nearest of 100 series finds 58 %,
// a search for the figures 98 % (see the test).
// Numbers: the frequency of a wave that swells and fades somewhere, from 3 to 20 cycles in the length, standardized.
// The nearest of 100 series is off by 0.69, a spectrum by 0.09 (root of the mean square; the mean by 1).
// Properties: series i is a function of (seed, i, settings) alone, so a longer set begins with the shorter one; classes
// take turns. The same on every platform up to rounding. Values are about standardized, so columns are not fitted.
#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "petra/core/error.hpp"
#include "petra/core/random.hpp"
#include "petra/data/sequences.hpp"

namespace petra::inline PETRA_ABI::data {

struct synthetic_series_settings {
  index_t count = 1000;
  std::uint64_t seed = 1;
  index_t length = 128;  // L
  index_t shortest = 0;  // series have shortest .. length steps; 0: all have length
  index_t channels = 1;
  index_t classes = 4;  // of synthetic_series
  float noise = 0.5f;   // standard deviation
};

inline constexpr std::array<std::string_view, 8> shapelet_names = {"wave",      "wave reversed", "burst", "ramp up",
                                                                   "ramp down", "hump",          "dip",   "step"};

// Height of a figure at u in [0, 1). Pre: 0 <= kind < 8.
[[nodiscard]] inline float shapelet(index_t kind, float u) {
  constexpr float pi = 3.14159265f;
  switch (kind) {
    case 0:
      return std::sin(2 * pi * u);
    case 1:
      return -std::sin(2 * pi * u);
    case 2:
      return std::sin(8 * pi * u) * std::sin(pi * u);
    case 3:
      return 2 * u - 1;
    case 4:
      return 1 - 2 * u;
    case 5:
      return std::sin(pi * u);
    case 6:
      return -std::sin(pi * u);
    default:
      return u < 0.5f ? 1.f : -1.f;
  }
}

namespace detail {

[[gnu::cold]] inline void check_synthetic(synthetic_series_settings const& s, char const* where) {
  auto const check = [&](char const* name, index_t value, index_t low, index_t high) {
    if (value < low || value > high)
      throw_error<setting_error>({where, ": ", name, " must lie in [", low, ", ", high, "], found ", value});
  };
  check("count", s.count, 1, 10'000'000);
  check("length", s.length, 32, 1 << 20);
  if (s.shortest != 0) check("shortest", s.shortest, 32, s.length);
  check("channels", s.channels, 1, 1024);
  check("classes", s.classes, 2, static_cast<index_t>(shapelet_names.size()));
  if (!(s.noise >= 0 && s.noise <= 10))
    throw_error<setting_error>({where, ": noise must lie in [0, 10], found ", s.noise});
}

// Appends `steps` steps of channels values: a slow drift of random phase, and noise.
inline float* append_ground(sequences& set, index_t steps, float noise, petra::random& r) {
  index_t const channels = set.channels();
  std::size_t const first = set.x.size();
  set.x.resize(first + static_cast<std::size_t>(steps * channels));
  set.start.push_back(set.start.back() + steps);
  float* const x = set.x.data() + first;
  for (index_t c = 0; c < channels; ++c) {
    float const phase = r.uniform(0, 6.2831853f), turns = 6.2831853f * r.uniform(0.3f, 1.5f);
    float const height = r.uniform(0.2f, 0.6f);
    for (index_t t = 0; t < steps; ++t)
      x[t * channels + c] =
          height * std::sin(phase + turns * static_cast<float>(t) / static_cast<float>(steps)) + noise * r.normal();
  }
  return x;
}

// Room for the series of a set; calls make(i, steps, random) for each.
template <class F>
void make_series(sequences& set, synthetic_series_settings const& s, std::uint64_t kind, F&& make) {
  set.columns.resize(static_cast<std::size_t>(s.channels));
  set.length = s.length;
  set.start = {0};
  set.x.reserve(static_cast<std::size_t>(s.count * s.length * s.channels));
  for (index_t i = 0; i < s.count; ++i) {
    petra::random r(key(s.seed, kind, i));
    make(i, s.shortest == 0 ? s.length : s.shortest + r.index(s.length - s.shortest + 1), r);
  }
}

}  // namespace detail

// Throws: setting_error for a setting outside its range. Cost: 4 us a series of 128 steps.
template <class = void>
[[nodiscard, gnu::cold]] labeled_sequences synthetic_series(synthetic_series_settings const& settings = {}) {
  detail::check_synthetic(settings, "synthetic_series");
  labeled_sequences set;
  set.class_count = settings.classes;
  set.class_names.assign(shapelet_names.begin(), shapelet_names.begin() + settings.classes);
  detail::make_series(set, settings, 0x736861706521u, [&](index_t i, index_t steps, petra::random& r) {
    index_t const label = i % settings.classes, channels = settings.channels;
    float* const x = detail::append_ground(set, steps, settings.noise, r);
    // A figure takes 12 to 20 % of the steps. All channels show it, more or less.
    auto const width = static_cast<index_t>(static_cast<float>(steps) * r.uniform(0.12f, 0.2f));
    index_t const at = r.index(steps - width + 1);
    for (index_t c = 0; c < channels; ++c) {
      float const height = r.uniform(1.8f, 2.6f);
      for (index_t t = 0; t < width; ++t)
        x[(at + t) * channels + c] += height * shapelet(label, static_cast<float>(t) / static_cast<float>(width));
      // The spike: two steps to either side of any place.
      float const spike = (r.next() >> 63) != 0 ? 1.5f : -1.5f;
      index_t const place = r.index(steps);
      for (index_t t = std::max<index_t>(0, place - 2); t <= std::min(steps - 1, place + 2); ++t)
        x[t * channels + c] += spike * (1 - static_cast<float>(std::abs(t - place)) / 3.f);
    }
    set.y.push_back(static_cast<std::int32_t>(label));
  });
  return set;
}

// The same settings but for classes, which are not used.
template <class = void>
[[nodiscard, gnu::cold]] target_sequences synthetic_series_targets(synthetic_series_settings const& settings = {}) {
  detail::check_synthetic(settings, "synthetic_series_targets");
  target_sequences set;
  detail::make_series(set, settings, 0x776176652121u, [&](index_t, index_t steps, petra::random& r) {
    float* const x = detail::append_ground(set, steps, settings.noise, r);
    float const cycles = r.uniform(3, 20);
    float const turn = 6.2831853f * cycles / static_cast<float>(settings.length);
    // The wave swells and fades within 40 to 60 % of the steps.
    auto const width = static_cast<index_t>(static_cast<float>(steps) * r.uniform(0.4f, 0.6f));
    index_t const at = r.index(steps - width + 1);
    for (index_t c = 0; c < settings.channels; ++c) {
      float const phase = r.uniform(0, 6.2831853f), height = r.uniform(1.2f, 2.f);
      for (index_t t = 0; t < width; ++t) {
        float const swell = std::sin(3.14159265f * (static_cast<float>(t) + 0.5f) / static_cast<float>(width));
        x[(at + t) * settings.channels + c] += height * swell * std::sin(phase + turn * static_cast<float>(t));
      }
    }
    set.y.push_back((cycles - 11.5f) / 4.9075f);  // mean and deviation of the uniform distribution
  });
  return set;
}

}  // namespace petra::data
