// ResNet-8 (MLPerf Tiny, 3x32x32, 12.5 M multiply-accumulates), batch 1, one core: the program as the search runs it, in int8
// and float, against the plain loops of the reference. Counter: GOP/s, two operations per multiply-accumulate.
#include <benchmark/benchmark.h>

#include "../../tests/deploy/sample_graphs.hpp"
#include "petra/deploy/compile.hpp"
#include "petra/deploy/execute.hpp"
#include "petra/deploy/reference.hpp"

namespace {

using namespace petra::deploy;

void report(benchmark::State& state, program const& p) {
  auto const operations = 2 * static_cast<double>(p.macs()) * static_cast<double>(state.iterations());
  state.counters["GOP/s"] = benchmark::Counter(operations * 1e-9, benchmark::Counter::kIsRate);
  state.counters["bytes"] = static_cast<double>(p.size_bytes());
}

void petra_program(benchmark::State& state, bool int8) {
  program const p = compile(sample::resnet8(int8));
  session s(p);
  auto const x = sample::random_input(p.input_size(), 1);
  std::vector<float> logits(static_cast<std::size_t>(p.output_size()));
  for (auto _ : state) {
    s.run(x.data(), logits.data());
    benchmark::DoNotOptimize(logits.data());
  }
  report(state, p);
}

void reference(benchmark::State& state, bool int8) {
  graph const g = run_passes(sample::resnet8(int8));
  auto const x = sample::random_input(g[0].out.count(), 1);
  for (auto _ : state) benchmark::DoNotOptimize(run_reference(g, x.data()));
  report(state, compile(g));
}

}  // namespace

BENCHMARK_CAPTURE(petra_program, int8, true)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(petra_program, float, false)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(reference, int8, true)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(reference, float, false)->Unit(benchmark::kMicrosecond);
