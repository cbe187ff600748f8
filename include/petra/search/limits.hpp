// Bounds on the costs of a candidate, judged before it is trained. How much quality a model may lose is not one of them:
// the whole front is of interest, and who picks from it decides (report::choose).
#pragma once
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "petra/search/objective.hpp"

namespace petra::inline PETRA_ABI::search {

struct limits {
  std::optional<index_t> size_bytes;
  std::optional<index_t> peak_activation_bytes;
  std::optional<double> latency_ns;
};

// One bounded cost of a candidate: found against most, both in `unit`.
struct bound {
  std::string_view what, unit;
  double found = 0;
  std::optional<double> most;

  // 0 when kept; else by which part of the bound it is exceeded; a value that is no number is infinitely far off.
  [[nodiscard]] double excess() const {
    if (!most || found <= *most) return 0;
    if (!std::isfinite(found)) return std::numeric_limits<double>::infinity();
    return found / *most - 1;
  }
};

// Throws: setting_error when a bound is not positive.
template <class = void>
[[gnu::cold]] void check(limits const& l) {
  auto const positive = [](double v, char const* what) {
    if (!(v > 0)) throw_error<setting_error>({"limits: ", what, " must be positive, found ", v});
  };
  if (l.size_bytes) positive(static_cast<double>(*l.size_bytes), "size_bytes");
  if (l.peak_activation_bytes) positive(static_cast<double>(*l.peak_activation_bytes), "peak_activation_bytes");
  if (l.latency_ns) positive(*l.latency_ns, "latency_ns");
}

template <class = void>
[[nodiscard, gnu::cold]] std::array<bound, 3> bounds(limits const& l, scores const& s) {
  auto const most = [](std::optional<index_t> v) {
    return v ? std::optional<double>(static_cast<double>(*v)) : std::nullopt;
  };
  return {{{"size", "bytes", static_cast<double>(s.size_bytes), most(l.size_bytes)},
           {"peak activations", "bytes", static_cast<double>(s.peak_activation_bytes), most(l.peak_activation_bytes)},
           {"latency", "ns", s.latency_ns, l.latency_ns}}};
}

// How far the costs lie beyond the limits: the sum of the relative excesses, 0 when all are kept. What constrained
// dominance compares (search/selection.hpp), so that a search whose first candidates are all too large still descends.
template <class = void>
[[nodiscard, gnu::cold]] double excess(limits const& l, scores const& s) {
  double sum = 0;
  for (bound const& b : bounds(l, s)) sum += b.excess();
  return sum;
}

// The first broken bound in words, nothing when all are kept: "size: at most 4096 bytes allowed, found 5000".
template <class = void>
[[nodiscard, gnu::cold]] std::optional<std::string> violation(limits const& l, scores const& s) {
  for (bound const& b : bounds(l, s)) {
    if (!(b.excess() > 0)) continue;
    char text[160];
    std::snprintf(text, sizeof text, "%s: at most %.0f %s allowed, found %.0f", std::string(b.what).c_str(), *b.most,
                  std::string(b.unit).c_str(), b.found);
    return text;
  }
  return std::nullopt;
}

}  // namespace petra::search
