// Dense layers at batch 1, int8 to float logits and float: the specification, petra, Eigen.
#include <benchmark/benchmark.h>

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push  // g++ 12 warns about undefined operands in its own AVX-512 intrinsics
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <Eigen/Core>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#include "petra/core/random.hpp"
#include "petra/kernel/reference/dense_s8.hpp"
#include "petra/runtime/dense_f32.hpp"
#include "petra/runtime/dense_s8_f32.hpp"
#include "petra/tensor/tensor.hpp"

namespace {

using namespace petra;

void report(benchmark::State& state) {
  auto const operations = 2.0 * static_cast<double>(state.range(0) * state.range(1));
  state.counters["GOP/s"] = benchmark::Counter(operations * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
}

struct layer_s8 {
  explicit layer_s8(benchmark::State const& state)
      : shape{.in = {1, 1, state.range(0), 0}, .out = {1, 1, state.range(1), 0}},
        x(petra::shape(shape.in.c + 64)),
        w(petra::shape(rt::packed_size(shape))),
        bias(petra::shape(shape.out.c)),
        scale(petra::shape(shape.out.c)),
        y(petra::shape(shape.out.c)) {
    petra::random r(key(1, shape.in.c));
    for (auto& e : x) e = static_cast<std::int8_t>(r.index(256) - 128);
    for (auto& e : w) e = static_cast<std::int8_t>(r.index(255) - 127);
  }
  rt::conv_shape shape;
  tensor<std::int8_t> x, w;
  tensor<std::int32_t> bias;
  tensor<float> scale, y;
};

void dense_s8_reference(benchmark::State& state) {
  layer_s8 l(state);
  for (auto _ : state) {
    kernel::dense_s8_f32(kernel::scalar_tag{}, {.c = l.shape.in.c, .o = l.shape.out.c}, l.x.data(), l.w.data(),
                         l.bias.data(), l.scale.data(), l.y.data());
    benchmark::ClobberMemory();
  }
  report(state);
}

void dense_s8_petra(benchmark::State& state) {
  layer_s8 l(state);
  for (auto _ : state) {
    rt::dense_s8_f32(l.shape, l.x.data(), l.w.data(), l.bias.data(), l.scale.data(), l.y.data());
    benchmark::ClobberMemory();
  }
  report(state);
}

struct layer_f32 {
  explicit layer_f32(benchmark::State const& state)
      : shape{.in = {1, 1, state.range(0), 0}, .out = {1, 1, state.range(1), 0}},
        x(petra::shape(shape.in.c + 16)),
        w(petra::shape(rt::packed_size(shape))),
        bias(petra::shape(shape.out.c)),
        y(petra::shape(shape.out.c)) {
    petra::random r(key(1, shape.in.c));
    for (auto& e : x) e = r.normal();
    for (auto& e : w) e = r.normal();
  }
  rt::conv_f32_shape shape;
  tensor<float> x, w, bias, y;
};

void dense_f32_petra(benchmark::State& state) {
  layer_f32 l(state);
  for (auto _ : state) {
    rt::dense_f32(l.shape, l.x.data(), l.w.data(), l.bias.data(), l.y.data());
    benchmark::ClobberMemory();
  }
  report(state);
}

void dense_f32_eigen(benchmark::State& state) {
  layer_f32 l(state);
  Eigen::Map<Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> const> const w(
      l.w.data(), l.shape.out.c, l.shape.in.c);
  Eigen::Map<Eigen::VectorXf const> const x(l.x.data(), l.shape.in.c), bias(l.bias.data(), l.shape.out.c);
  Eigen::Map<Eigen::VectorXf> y(l.y.data(), l.shape.out.c);
  for (auto _ : state) {
    y.noalias() = w * x + bias;
    benchmark::ClobberMemory();
  }
  report(state);
}

void sizes(benchmark::internal::Benchmark* b) { b->Args({64, 10})->Args({64, 64})->Args({512, 512})->Args({4096, 10}); }

BENCHMARK(dense_s8_reference)->Apply(sizes);
BENCHMARK(dense_s8_petra)->Apply(sizes);
BENCHMARK(dense_f32_petra)->Apply(sizes);
BENCHMARK(dense_f32_eigen)->Apply(sizes);

}  // namespace
