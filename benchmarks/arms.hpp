// Rows of benchmarks: one piece of work, several arms that do it, in one binary.
//
//   bench::row r{.name = "gemm_f32", .shape = "64x64x64", .operations = 2. * 64 * 64 * 64, .peak = bench::peak::f32};
//   r.arm("reference", [] { return plain_loops(64); });
//   r.arm("petra_dynamic", [] { return petra_gemm(64); });
//   r.arm("onednn", [] { return bench::onednn::matmul<float>(...); });
//
// What a maker returns owns its data; calling it is one call of the kernel, `result()` (optional) is its output as a
// vector. Before an arm is timed it runs once, and its result is compared with that of the arm "reference", if there is
// one: arms that do other work than they say stop with an error instead of a time.
//
// Google Benchmark knows the arms as name/shape/arm, "@threads" after the shape where there is more than one. Counters:
// GFLOP/s or GOP/s, bytes/s, the peak of a core (a loop that touches registers only, measured right before the arm) and
// of_peak, the share of it that the arm reaches.
#pragma once
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "peak.hpp"
#include "petra/core/random.hpp"

namespace bench {

using petra::index_t;

// Elements that begin at a cache line, as petra's tensors do: no arm loses to where its operands happen to lie.
template <class T>
struct line_allocator {
  using value_type = T;
  line_allocator() = default;
  template <class U>
  line_allocator(line_allocator<U> const&) {}
  T* allocate(std::size_t n) { return static_cast<T*>(::operator new (n * sizeof(T), std::align_val_t{64})); }
  void deallocate(T* p, std::size_t) { ::operator delete (p, std::align_val_t{64}); }
  friend bool operator==(line_allocator, line_allocator) { return true; }
};
template <class T>
using lines = std::vector<T, line_allocator<T>>;

// n floats in [lo, hi), the same for the same key.
inline std::vector<float> floats(index_t n, std::uint64_t key, float lo = -1.f, float hi = 1.f) {
  petra::random r(key);
  std::vector<float> v(static_cast<std::size_t>(n));
  for (float& e : v) e = r.uniform(lo, hi);
  return v;
}
// n integers in [lo, hi].
template <class T = std::int8_t>
std::vector<T> integers(index_t n, std::uint64_t key, int lo = -127, int hi = 127) {
  petra::random r(key);
  std::vector<T> v(static_cast<std::size_t>(n));
  for (T& e : v) e = static_cast<T>(lo + static_cast<int>(r.index(hi - lo + 1)));
  return v;
}

// Whatever is reached from `object` may be read and written behind the compiler's back: nothing of it is left out or
// moved out of the loop that times a call.
template <class T>
void escape(T* object) {
  benchmark::DoNotOptimize(object);
  benchmark::ClobberMemory();
}

// A peer that is not here: the time it was recorded with, in ns, on a core of recorded_peak. Scaled by the peak of the
// run.
struct recorded_time {
  std::string peer;
  double ns = 0;
};

// What the arm "reference" of a row yields, computed when first asked for.
struct expectation {
  std::function<std::vector<double>()> make;
  std::vector<double> value;

  // What is wrong with `got`; empty: nothing.
  template <class Vector>
  [[nodiscard]] std::string differs(Vector const& got, double tolerance) {
    if (!make) return {};
    if (value.empty()) value = make();
    if (got.size() != value.size())
      return "expected " + std::to_string(value.size()) + " results, found " + std::to_string(got.size());
    double largest = 0;
    for (double v : value) largest = std::max(largest, std::fabs(v));
    for (std::size_t i = 0; i < got.size(); ++i)
      if (!(std::fabs(static_cast<double>(got[i]) - value[i]) <= tolerance * largest))
        return "result " + std::to_string(i) + ": expected " + std::to_string(value[i]) + ", found " +
               std::to_string(static_cast<double>(got[i]));
    return {};
  }
};

struct row {
  std::string name, shape;
  double operations = 0, bytes = 0;  // of one call; 0: not counted
  bench::peak peak = bench::peak::none;
  int threads = 1;
  double tolerance = 1e-4;  // of |result - reference| / max |reference|; 0: equal
  std::vector<recorded_time> recorded = {};
  std::shared_ptr<expectation> expected = std::make_shared<expectation>();

  // make(): what is timed. Lives as long as the arm runs. The arm "reference" comes first.
  template <class Make>
  row& arm(std::string const& arm_name, Make make) {
    using object = decltype(make());
    if constexpr (requires(object const& o) { o.result(); })
      if (arm_name == "reference")
        expected->make = [make] {
          auto o = make();
          o();
          auto const& r = o.result();
          return std::vector<double>(r.begin(), r.end());
        };
    std::string const full = name + "/" + shape + (threads > 1 ? "@" + std::to_string(threads) : "") + "/" + arm_name;
    benchmark::RegisterBenchmark(full.c_str(),
                                 [r = *this, make](benchmark::State& state) {
                                   try {
                                     r.run(state, make);
                                   } catch (std::exception const& e) {
                                     state.SkipWithError(e.what());
                                   }
                                 })
        ->UseRealTime()
        ->Unit(benchmark::kMicrosecond);
    return *this;
  }

  template <class Make>
  void run(benchmark::State& state, Make const& make) const {
    auto object = make();
    object();
    if constexpr (requires { object.result(); }) {
      double allowed = tolerance;
      if constexpr (requires { object.tolerance; }) allowed = object.tolerance;  // an arm that rounds in its own way
      std::string const wrong = expected->differs(object.result(), allowed);
      if (!wrong.empty()) {
        state.SkipWithError(wrong.c_str());
        return;
      }
    }
    double const limit = threads * peak_rate(peak);
    for (auto _ : state) {
      object();
      benchmark::ClobberMemory();
    }
    using benchmark::Counter;
    auto const flags = Counter::kIsIterationInvariantRate;
    if (operations > 0) {
      state.counters[peak == bench::peak::s8 ? "GOP/s" : "GFLOP/s"] = Counter(operations * 1e-9, flags);
      if (limit > 0) {
        state.counters["of_peak"] = Counter(operations / limit, flags);
        state.counters["peak"] = limit * 1e-9;
      }
    }
    if (bytes > 0) state.counters["bytes/s"] = Counter(bytes, flags, Counter::kIs1024);
    for (recorded_time const& p : recorded)
      state.counters["recorded:" + p.peer] = limit > 0 ? p.ns * threads * recorded_peak(peak) / limit : p.ns;
  }
};

}  // namespace bench
