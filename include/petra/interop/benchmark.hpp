// Registers a layer or a model with Google Benchmark in every form that petra can ship (petra/interop/variants.hpp).
//
//   petra::interop::benchmark_variants("my dense", petra::dense<512, 512>(1), {1, 1, 512});
//
// One benchmark a variant, "my dense/int4": batch 1, one core, the kernels that ship with extents at run time. Counters:
// bytes (of the constants), error (of the output against float, root of the ratio of summed squares, 16 normal inputs).
// The label names the kernels of the layers, so that a form that did not fit shows.
// Link Google Benchmark and petra::petra. Throws: shape_error, as lower does.
#pragma once
#include <benchmark/benchmark.h>

#include <memory>

#include "petra/deploy/execute.hpp"
#include "petra/interop/variants.hpp"

namespace petra::inline PETRA_ABI::interop {

// Outputs of the 16 sample inputs.
[[nodiscard]] inline std::vector<float> sample_outputs(deploy::program const& p, std::vector<float> const& x) {
  deploy::session s(p);
  std::vector<float> y(static_cast<std::size_t>(16 * p.output_size()));
  deploy::run_batch(s, x.data(), 16, y.data());
  return y;
}

[[nodiscard]] inline double relative_error(std::vector<float> const& y, std::vector<float> const& exact) {
  double off = 0, all = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    double const e = static_cast<double>(exact[i]), d = static_cast<double>(y[i]) - e;
    off += d * d, all += e * e;
  }
  return all > 0 ? std::sqrt(off / all) : std::sqrt(off);
}

// "conv2d_s8 x3 dense_s8_f32": the kernels of the layers with weights, in the order of their first use.
[[nodiscard]] inline std::string kernels_of(deploy::program const& p) {
  std::vector<std::pair<std::string, int>> count;
  for (deploy::step const& s : p.steps()) {
    if (s.constants.empty()) continue;
    std::string const name = deploy::name_of(s.kind);
    auto const at = std::find_if(count.begin(), count.end(), [&](auto const& c) { return c.first == name; });
    at == count.end() ? count.push_back({name, 1}) : void(++at->second);
  }
  std::string text;
  for (auto const& [name, n] : count)
    text += (text.empty() ? "" : " ") + name + (n > 1 ? " x" + std::to_string(n) : "");
  return text;
}

template <class Model>
void benchmark_variants(std::string const& name, Model const& model, petra::shape input) {
  auto const variants = variants_of(model, input);
  std::vector<float> const x = sample_inputs(variants.front().operations);
  std::vector<float> const exact = sample_outputs(deploy::compile(variants.front().operations), x);
  for (variant const& v : variants) {
    auto const p = std::make_shared<deploy::program const>(deploy::compile(v.operations, v.settings));
    double const error = relative_error(sample_outputs(*p, x), exact);
    ::benchmark::RegisterBenchmark((name + "/" + v.name).c_str(), [p, error, x](::benchmark::State& state) {
      deploy::session s(*p);
      std::vector<float> y(static_cast<std::size_t>(p->output_size()));
      for (auto _ : state) {
        s.run(x.data(), y.data());
        ::benchmark::ClobberMemory();
      }
      state.counters["bytes"] = static_cast<double>(p->size_bytes());
      state.counters["error"] = error;
      state.SetLabel(kernels_of(*p));
    })->Unit(::benchmark::kMicrosecond);
  }
}

}  // namespace petra::interop
