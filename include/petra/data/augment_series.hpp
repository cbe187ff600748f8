// Random variation of one series (L,C) of numbers while a batch is filled.
//
// Source: Um et al., "Data augmentation of wearable sensor data for Parkinson's disease monitoring using convolutional
// neural networks", ICMI 2017 (jitter, scaling); Le Guennec, Malinowski, Tavenard, "Data augmentation for time series
// classification using convolutional neural networks", 2016 (window slicing); Iwana, Uchida, PLOS ONE 2021 (a survey).
// Properties: functions of the random stream alone; shape-preserving. Padding (steps at the end that are 0 in every
// channel) stays padding. Not for columns of ids.
// Differs: a slice is stretched to the length of the series, as in the survey, instead of a model for shorter ones.
#pragma once
#include <algorithm>
#include <string>

#include "petra/core/error.hpp"
#include "petra/data/augment.hpp"

namespace petra::inline PETRA_ABI::data {

// Steps of x (L,C) before the padding.
[[nodiscard]] inline index_t unpadded_steps(float const* x, petra::shape s) {
  index_t const c = s.back();
  index_t n = s.rows();
  while (n > 0 && std::all_of(x + (n - 1) * c, x + n * c, [](float v) { return v == 0; })) --n;
  return n;
}

namespace detail {

inline void check_sigma(char const* name, float sigma) {
  if (!(sigma >= 0 && sigma <= 10)) throw_error<setting_error>({name, ": sigma must lie in [0, 10], found ", sigma});
}

}  // namespace detail

// Adds noise to every value.
struct jitter {
  float sigma = 0.03f;  // standard deviation; normalized series have 1

  void check(petra::shape) const { detail::check_sigma("jitter", sigma); }
  // x (L,C) in place
  void vary(float* x, petra::shape s, petra::random& r) const {
    index_t const n = unpadded_steps(x, s) * s.back();
    for (index_t i = 0; i < n; ++i) x[i] += sigma * r.normal();
  }
  void apply(float const* x, petra::shape s, float* out, petra::random& r) const {
    std::copy_n(x, s.count(), out);
    vary(out, s, r);
  }
};

// Multiplies each channel by one factor about 1.
struct scaling {
  float sigma = 0.1f;  // standard deviation of the factor

  void check(petra::shape) const { detail::check_sigma("scaling", sigma); }
  // x (L,C) in place
  void vary(float* x, petra::shape s, petra::random& r) const {
    index_t const channels = s.back();
    for (index_t c = 0; c < channels; ++c) {
      float const factor = 1 + sigma * r.normal();
      for (index_t i = c; i < s.count(); i += channels) x[i] *= factor;
    }
  }
  void apply(float const* x, petra::shape s, float* out, petra::random& r) const {
    std::copy_n(x, s.count(), out);
    vary(out, s, r);
  }
};

// A window of the series, stretched to its length: linear between its steps, first and last step kept.
struct window_slice {
  float share = 0.9f;  // of the steps

  // Throws: setting_error.
  void check(petra::shape s) const {
    if (!(share > 0 && share <= 1))
      throw_error<setting_error>({"window_slice: share must lie in (0, 1], found ", share});
    if (s.rank != 2)
      throw_error<setting_error>({"window_slice: expected series (L,C), found samples of ", s.rank, " axes"});
  }
  // out (L,C). Pre: x and out do not overlap. Takes one number from r.
  void apply(float const* x, petra::shape s, float* out, petra::random& r) const {
    index_t const channels = s.back(), n = unpadded_steps(x, s);
    auto const wide = static_cast<index_t>(static_cast<double>(share) * static_cast<double>(n) + 0.5);
    index_t const width = std::clamp<index_t>(wide, std::min<index_t>(n, 2), n);
    index_t const from = r.index(n - width + 1);
    for (index_t i = 0; i < n; ++i) {
      // Step i is at i (width - 1) / (n - 1) of the window.
      index_t const scaled = n > 1 ? i * (width - 1) : 0, whole = n > 1 ? scaled / (n - 1) : 0;
      float const part = n > 1 ? static_cast<float>(scaled % (n - 1)) / static_cast<float>(n - 1) : 0.f;
      float const* const left = x + (from + whole) * channels;
      float const* const right = part > 0 ? left + channels : left;
      for (index_t c = 0; c < channels; ++c) *out++ = left[c] + part * (right[c] - left[c]);
    }
    std::copy(x + n * channels, x + s.count(), out);
  }
};

static_assert(in_place_augmentation<jitter> && in_place_augmentation<scaling> && augmentation<window_slice>);
static_assert(augmentation<chain<window_slice, chain<scaling, jitter>>>);

}  // namespace petra::data
