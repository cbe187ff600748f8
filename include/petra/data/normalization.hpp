// Per-channel normalization of 8-bit pictures: out = (x / 255 - mean) / deviation.
//
// Properties: bit-identical whatever the compiler flags (a quotient, a difference and a product: nothing a compiler may
// fuse). Statistics are sums of integers, so they do not depend on the order of the pixels.
#pragma once
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "petra/core/error.hpp"
#include "petra/core/extents.hpp"

namespace petra::inline PETRA_ABI::data {

// Mean and standard deviation of each channel in units of [0, 1]. Empty: none, pixels are read as x / 255.
struct normalization {
  std::vector<float> mean;       // (C)
  std::vector<float> deviation;  // (C), standard deviation, positive

  // out (pixels,C) = (x (pixels,C) / 255 - mean (C)) / deviation (C). Pre: empty or C entries each.
  void apply(std::uint8_t const* x, index_t pixels, index_t channels, float* out) const {
    for (index_t i = 0; i < pixels * channels; ++i) out[i] = static_cast<float>(x[i]) / 255.f;
    if (mean.empty()) return;
    expects(static_cast<index_t>(mean.size()) == channels && mean.size() == deviation.size(),
            "normalization: one mean and one deviation for each channel");
    for (index_t c = 0; c < channels; ++c) {
      float const m = mean[static_cast<std::size_t>(c)], scale = 1.f / deviation[static_cast<std::size_t>(c)];
      for (index_t p = 0; p < pixels; ++p) out[p * channels + c] = (out[p * channels + c] - m) * scale;
    }
  }

  friend bool operator==(normalization const&, normalization const&) = default;
};

// Statistics of each channel of x (pixels,C). A channel without variation gets deviation 1, so that it becomes 0 and
// not NaN.
// Throws: setting_error without a pixel.
[[nodiscard]] inline normalization fit_normalization(std::uint8_t const* x, index_t pixels, index_t channels) {
  if (pixels < 1 || channels < 1)
    throw_error<setting_error>(
        {"fit_normalization: expected at least one pixel and one channel, found ", pixels, " and ", channels});
  normalization fit;
  for (index_t c = 0; c < channels; ++c) {
    // 255^2 * pixels stays below 2^64 up to 2^48 pixels.
    std::uint64_t sum = 0, square = 0;
    for (index_t p = 0; p < pixels; ++p) {
      std::uint64_t const v = x[p * channels + c];
      sum += v;
      square += v * v;
    }
    double const n = static_cast<double>(pixels);
    double const mean = static_cast<double>(sum) / n;
    // E[v^2] - mean^2 in a form that no compiler fuses into one rounding.
    double const variance = sum == 0 ? 0. : mean * (static_cast<double>(square) / static_cast<double>(sum) - mean);
    fit.mean.push_back(static_cast<float>(mean / 255.0));
    fit.deviation.push_back(variance > 1e-6 ? static_cast<float>(std::sqrt(variance) / 255.0) : 1.f);
  }
  return fit;
}

}  // namespace petra::data
