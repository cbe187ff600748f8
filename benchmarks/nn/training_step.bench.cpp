// One training step (forward, backward, update) on random pictures, one core. Counters: samples/s and GFLOP/s, where a step counts
// three forward passes of multiply-accumulates, two operations each.
#include <benchmark/benchmark.h>

#include "petra/deploy/lower.hpp"
#include "petra/nn/fit.hpp"
#include "petra/nn/models/resnet20.hpp"
#include "petra/nn/models/resnet8.hpp"
#include "petra/nn/models/small_cnn.hpp"

namespace {

using namespace petra;

template <class Model>
void training_step(benchmark::State& state, Model model) {
  index_t const batch = state.range(0), side = state.range(1), channels = 3;
  double const macs = static_cast<double>(deploy::lower(model, {side, side, channels}).macs());
  tensor<float> x({batch, side, side, channels});
  std::vector<std::int32_t> labels(static_cast<std::size_t>(batch));
  petra::random r(1);
  for (float& v : x) v = r.normal();
  for (auto& l : labels) l = static_cast<std::int32_t>(r.index(10));
  tape<float> t;
  nn::optimizer optimizer{sgd{}};
  for (auto _ : state) {
    t.reset();
    var const loss = loss::cross_entropy{}(t, model.forward(t, t.constant(x.shape(), x.data())), labels.data());
    t.backward(loss);
    optimizer.begin_step();
    for (auto const& n : t.nodes())
      if (n.parameter != nullptr && n.grad != nullptr) optimizer.update(*n.parameter, n.grad, 0.01f);
    benchmark::DoNotOptimize(*t.value(loss));
  }
  using benchmark::Counter;
  auto const steps = static_cast<double>(state.iterations());
  state.counters["samples/s"] = Counter(steps * static_cast<double>(batch), Counter::kIsRate);
  state.counters["GFLOP/s"] = Counter(steps * static_cast<double>(batch) * macs * 6 / 1e9, Counter::kIsRate);
}

BENCHMARK_CAPTURE(training_step, small_cnn, models::small_cnn<3, 10>(1))->Args({64, 32})->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(training_step, resnet8, models::resnet8<3, 10>(1))->Args({64, 32})->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(training_step, resnet20, models::resnet20<3, 10>(1))->Args({64, 32})->Unit(benchmark::kMillisecond);

}  // namespace
