// Timing without fooling oneself: the monotonic clock, its own cost subtracted, medians instead of means, one core.
#pragma once
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <vector>
#if defined(__linux__)
#include <sched.h>
#endif

#include "petra/core/extents.hpp"
#include "petra/core/order.hpp"

namespace petra::inline PETRA_ABI::deploy {

using monotonic = std::chrono::steady_clock;

inline double ns_between(monotonic::time_point from, monotonic::time_point to) {
  return std::chrono::duration<double, std::nano>(to - from).count();
}

// The value below which a share q of the sample lies (nearest rank). Pre: not empty, q in [0, 1].
template <class = void>
double quantile(std::vector<double> const& sample, double q) {
  auto const rank = static_cast<std::size_t>(q * static_cast<double>(sample.size() - 1) + 0.5);
  return sample[static_cast<std::size_t>(ascending({sample.data(), sample.size()})[rank])];
}
template <class = void>
double median(std::vector<double> const& sample) {
  return quantile(sample, 0.5);
}

// What two readings of the clock next to each other are apart: 20 to 30 ns here.
template <class = void>
double clock_cost_ns() {
  std::vector<double> apart(201);
  for (double& d : apart) {
    auto const start = monotonic::now();
    d = ns_between(start, monotonic::now());
  }
  return median(apart);
}

// Nothing is moved across it by the compiler: what was called was computed.
inline void keep_order() { std::atomic_signal_fence(std::memory_order_seq_cst); }

// ns per call of f over n calls.
template <class F>
double time_calls(index_t n, F&& f) {
  auto const start = monotonic::now();
  for (index_t i = 0; i < n; ++i) {
    f();
    keep_order();
  }
  return ns_between(start, monotonic::now()) / static_cast<double>(n);
}

// As many calls as take about `ns`; warms up on the way.
template <class F>
index_t calls_for(double ns, F&& f) {
  index_t n = 1;
  for (;;) {
    double const each = std::max(time_calls(n, f), 1.);
    if (each * static_cast<double>(n) > ns / 4) return std::max<index_t>(1, static_cast<index_t>(ns / each));
    n *= 4;
  }
}

// Keeps this thread on the core it runs on while it lives: a move costs a cold cache. Does nothing where it cannot.
class pinned {
 public:
  explicit pinned([[maybe_unused]] bool wanted = true) {
#if defined(__linux__)
    if (!wanted || ::sched_getaffinity(0, sizeof before_, &before_) != 0) return;
    int const core = ::sched_getcpu();
    if (core < 0 || core >= CPU_SETSIZE) return;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<std::size_t>(core), &one);
    active_ = ::sched_setaffinity(0, sizeof one, &one) == 0;
#endif
  }
  pinned(pinned const&) = delete;
  pinned& operator=(pinned const&) = delete;
  ~pinned() {
#if defined(__linux__)
    if (active_) ::sched_setaffinity(0, sizeof before_, &before_);
#endif
  }

 private:
#if defined(__linux__)
  cpu_set_t before_{};
  bool active_ = false;
#endif
};

}  // namespace petra::deploy
