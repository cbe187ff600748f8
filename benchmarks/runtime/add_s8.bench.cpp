// The kernels between convolutions at batch 1: additions, pooling, quantization, depthwise. Reference and petra.
#include <benchmark/benchmark.h>

#include "petra/core/random.hpp"
#include "petra/kernel/reference/add_s8.hpp"
#include "petra/kernel/reference/depthwise_s8.hpp"
#include "petra/kernel/reference/pool_s8.hpp"
#include "petra/kernel/reference/quantize_s8.hpp"
#include "petra/runtime/runtime.hpp"
#include "petra/tensor/tensor.hpp"

namespace {

using namespace petra;

tensor<std::int8_t> bytes(index_t n) {
  tensor<std::int8_t> x{petra::shape(n + 64)};
  petra::random r(key(1, n));
  for (auto& e : x) e = static_cast<std::int8_t>(r.index(255) - 127);
  return x;
}
tensor<float> floats(index_t n) {
  tensor<float> x{petra::shape(n + 16)};
  petra::random r(key(1, n));
  for (auto& e : x) e = r.normal();
  return x;
}
void report(benchmark::State& state, index_t elements) {
  state.counters["elements/s"] =
      benchmark::Counter(static_cast<double>(elements), benchmark::Counter::kIsIterationInvariantRate);
}

// Arguments: size of the picture, channels.
rt::feature_map map(benchmark::State const& state) { return {state.range(0), state.range(0), state.range(1), 1}; }

void add_s8_reference(benchmark::State& state) {
  rt::feature_map const m = map(state);
  index_t const n = m.pixels() * m.c;
  auto const a = bytes(n), b = bytes(n);
  auto y = bytes(n);
  rt::requant const half = rt::quantize_multiplier(0.4), out = rt::quantize_multiplier(1.5e-6);
  for (auto _ : state) {
    kernel::add_s8(kernel::scalar_tag{}, n,
                   {.a_multiplier = half.multiplier,
                    .a_shift = half.shift,
                    .b_multiplier = half.multiplier,
                    .b_shift = half.shift,
                    .out_multiplier = out.multiplier,
                    .out_shift = out.shift},
                   a.data(), b.data(), y.data());
    benchmark::ClobberMemory();
  }
  report(state, n);
}

void add_s8_petra(benchmark::State& state) {
  rt::feature_map const m = map(state);
  auto const a = bytes(m.elements()), b = bytes(m.elements());
  auto y = bytes(m.elements());
  rt::add_shape const s = rt::add_scales({.a = m, .b = m, .out = m}, 0.03, 0.04, 0.05);
  for (auto _ : state) {
    rt::add_s8(s, a.data(), b.data(), y.data());
    benchmark::ClobberMemory();
  }
  report(state, m.pixels() * m.c);
}

void add_f32_petra(benchmark::State& state) {
  rt::feature_map const m = map(state);
  auto const a = floats(m.elements()), b = floats(m.elements());
  auto y = floats(m.elements());
  for (auto _ : state) {
    rt::add_f32(rt::add_f32_shape{.a = m, .b = m, .out = m, .relu = true}, a.data(), b.data(), y.data());
    benchmark::ClobberMemory();
  }
  report(state, m.pixels() * m.c);
}

void quantize_reference(benchmark::State& state) {
  index_t const n = map(state).pixels() * map(state).c;
  auto const x = floats(n);
  auto y = bytes(n);
  for (auto _ : state) {
    kernel::quantize_s8(kernel::scalar_tag{}, n, x.data(), 0.02f, 3, y.data());
    benchmark::ClobberMemory();
  }
  report(state, n);
}

void quantize_petra(benchmark::State& state) {
  rt::feature_map const m = map(state);
  auto const x = floats(m.elements());
  auto y = bytes(m.elements());
  for (auto _ : state) {
    rt::quantize(m, x.data(), y.data(), 0.02f, 3);
    benchmark::ClobberMemory();
  }
  report(state, m.pixels() * m.c);
}

void global_mean_reference(benchmark::State& state) {
  rt::feature_map const m = map(state);
  auto const x = bytes(m.elements());
  auto y = bytes(m.c);
  for (auto _ : state) {
    kernel::avg_pool_s8(kernel::scalar_tag{}, {.h = m.h, .w = m.w, .c = m.c, .kernel_h = m.h, .kernel_w = m.w},
                        x.data(), y.data());
    benchmark::ClobberMemory();
  }
  report(state, m.pixels() * m.c);
}

void global_mean_petra(benchmark::State& state) {
  rt::feature_map const m = map(state);
  auto const x = bytes(m.elements());
  auto y = bytes(m.c);
  for (auto _ : state) {
    rt::avg_pool_s8(rt::pool_shape{.in = m, .out = {1, 1, m.c, 0}, .kernel_h = m.h, .kernel_w = m.w}, x.data(),
                    y.data());
    benchmark::ClobberMemory();
  }
  report(state, m.pixels() * m.c);
}

void max_pool_petra(benchmark::State& state) {
  rt::feature_map const m = map(state), out{m.h / 2, m.w / 2, m.c, 1};
  auto const x = bytes(m.elements());
  auto y = bytes(out.elements());
  for (auto _ : state) {
    rt::max_pool_s8(rt::pool_shape{.in = m, .out = out, .kernel_h = 2, .kernel_w = 2, .stride = 2}, x.data(), y.data());
    benchmark::ClobberMemory();
  }
  report(state, m.pixels() * m.c);
}

void depthwise_petra(benchmark::State& state) {
  rt::feature_map const m = map(state);
  auto const x = bytes(m.elements()), w = bytes(9 * m.c), shift = bytes(m.c);
  tensor<std::int32_t> const bias{petra::shape(m.c)}, multiplier{petra::shape(m.c)};
  auto y = bytes(m.elements());
  tensor<std::int8_t> const none{petra::shape(m.c)};
  for (auto _ : state) {
    rt::depthwise_s8(rt::conv_shape{.in = m, .out = m, .kernel_h = 3, .kernel_w = 3, .pad = 1, .groups = m.c}, x.data(),
                     w.data(), bias.data(), multiplier.data(), none.data(), y.data());
    benchmark::ClobberMemory();
  }
  report(state, m.pixels() * m.c);
}

// Float twins and the conversions between formats.
template <class F>
void on_floats(benchmark::State& state, F body) {
  rt::feature_map const m = map(state);
  auto const x = floats(m.elements());
  auto y = floats(m.elements());
  for (auto _ : state) {
    body(m, x.data(), y.data());
    benchmark::ClobberMemory();
  }
  report(state, m.pixels() * m.c);
}

void max_pool_f32_petra(benchmark::State& state) {
  on_floats(state, [](rt::feature_map const& m, float const* x, float* y) {
    rt::max_pool_f32(
        rt::pool_f32_shape{.in = m, .out = {m.h / 2, m.w / 2, m.c, 1}, .kernel_h = 2, .kernel_w = 2, .stride = 2}, x,
        y);
  });
}
void global_mean_f32_petra(benchmark::State& state) {
  on_floats(state, [](rt::feature_map const& m, float const* x, float* y) {
    rt::avg_pool_f32(rt::pool_f32_shape{.in = m, .out = {1, 1, m.c, 0}, .kernel_h = m.h, .kernel_w = m.w}, x, y);
  });
}
void depthwise_f32_petra(benchmark::State& state) {
  auto const w = floats(9 * state.range(1)), bias = floats(state.range(1));
  on_floats(state, [&](rt::feature_map const& m, float const* x, float* y) {
    rt::depthwise_f32(rt::conv_f32_shape{.in = m, .out = m, .kernel_h = 3, .kernel_w = 3, .pad = 1, .groups = m.c}, x,
                      w.data(), bias.data(), y);
  });
}
void load_input_f32_petra(benchmark::State& state) {
  on_floats(state, [](rt::feature_map const& m, float const* x, float* y) { rt::load_input_f32(m, x, y); });
}

void dequantize_petra(benchmark::State& state) {
  rt::feature_map const m = map(state);
  auto const x = bytes(m.elements());
  auto y = floats(m.elements());
  for (auto _ : state) {
    rt::dequantize(rt::map_pair{.in = m, .out = m}, x.data(), y.data(), 0.02f, 3);
    benchmark::ClobberMemory();
  }
  report(state, m.pixels() * m.c);
}

void sizes(benchmark::internal::Benchmark* b) {
  b->Args({32, 16})->Args({16, 32})->Args({8, 64})->Unit(benchmark::kMicrosecond);
}

BENCHMARK(add_s8_reference)->Apply(sizes);
BENCHMARK(add_s8_petra)->Apply(sizes);
BENCHMARK(add_f32_petra)->Apply(sizes);
BENCHMARK(quantize_reference)->Args({32, 3})->Unit(benchmark::kMicrosecond);
BENCHMARK(quantize_petra)->Args({32, 3})->Unit(benchmark::kMicrosecond);
BENCHMARK(global_mean_reference)->Args({8, 64})->Unit(benchmark::kMicrosecond);
BENCHMARK(global_mean_petra)->Args({8, 64})->Unit(benchmark::kMicrosecond);
BENCHMARK(max_pool_petra)->Apply(sizes);
BENCHMARK(depthwise_petra)->Apply(sizes);
BENCHMARK(max_pool_f32_petra)->Apply(sizes);
BENCHMARK(global_mean_f32_petra)->Args({8, 64})->Unit(benchmark::kMicrosecond);
BENCHMARK(depthwise_f32_petra)->Apply(sizes);
BENCHMARK(load_input_f32_petra)->Args({32, 3})->Unit(benchmark::kMicrosecond);
BENCHMARK(dequantize_petra)->Apply(sizes);

}  // namespace
