// Missing values of a series, filled from their neighbors in time.
//
// Properties: linear between the values on both sides of a gap; at an end the nearest value. What is known is not
// changed. Deterministic.
#pragma once
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

#include "petra/core/config.hpp"

namespace petra::inline PETRA_ABI::data {

// How a reader marks a value that was not measured.
inline constexpr float missing_value = std::numeric_limits<float>::quiet_NaN();

// Replaces every NaN of one channel. False, and nothing changed, if there is nothing else.
[[gnu::cold]] inline bool fill_gaps(std::span<float> series) {
  std::size_t known = 0;  // one behind the last known value
  for (std::size_t i = 0; i < series.size(); ++i) {
    if (std::isnan(series[i])) continue;
    auto const right = static_cast<double>(series[i]);
    auto const left = known == 0 ? right : static_cast<double>(series[known - 1]);
    auto const width = static_cast<double>(i - known + 1);
    for (std::size_t gap = known; gap < i; ++gap) {
      double const part = static_cast<double>(gap - known + 1) / width;
      series[gap] = static_cast<float>(left * (1 - part) + right * part);
    }
    known = i + 1;
  }
  if (known == 0) return false;
  for (std::size_t i = known; i < series.size(); ++i) series[i] = series[known - 1];
  return true;
}

}  // namespace petra::data
