// Elementwise kernels, column sums, optimizer steps: reference, petra, Eigen. Bytes/s of one core, n floats in each
// array.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // g++ 12 in its own AVX-512 intrinsics, where Eigen uses them
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include "petra/kernel/simd/arithmetic.hpp"

#include <benchmark/benchmark.h>

#include <Eigen/Core>
#include <vector>

#include "petra/core/random.hpp"
#include "petra/kernel/simd/adam.hpp"
#include "petra/kernel/simd/column_sum.hpp"
#include "petra/kernel/simd/relu.hpp"
#include "petra/kernel/simd/sgd.hpp"

namespace {

using petra::index_t;
namespace kernel = petra::kernel;
using array = Eigen::Map<Eigen::ArrayXf>;

struct operands {
  explicit operands(index_t n) : x(static_cast<std::size_t>(n)) {
    petra::random r(1);
    for (float& v : x) v = r.uniform(-1.f, 1.f);
    y = z = x;
    u.assign(x.size(), 0.5f);
  }
  std::vector<float> x, y, z, u;
};

// body(operands, n) reads or writes `arrays` arrays.
template <class F>
void run(benchmark::State& state, index_t arrays, F body) {
  index_t const n = state.range(0);
  operands o(n);
  for (auto _ : state) {
    body(o, n);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * arrays * n * 4);
}

template <class Tag>
void add(benchmark::State& state) {
  run(state, 3, [](operands& o, index_t n) { kernel::add(Tag{}, n, o.x.data(), o.y.data(), o.z.data()); });
}
void add_eigen(benchmark::State& state) {
  run(state, 3, [](operands& o, index_t n) { array(o.z.data(), n) = array(o.x.data(), n) + array(o.y.data(), n); });
}
template <class Tag>
void relu(benchmark::State& state) {
  run(state, 2, [](operands& o, index_t n) { kernel::relu(Tag{}, n, o.x.data(), o.y.data()); });
}
void relu_eigen(benchmark::State& state) {
  run(state, 2, [](operands& o, index_t n) { array(o.y.data(), n) = array(o.x.data(), n).max(0.f); });
}
template <class Tag>
void relu_backward(benchmark::State& state) {
  run(state, 4, [](operands& o, index_t n) { kernel::relu_backward(Tag{}, n, o.x.data(), o.y.data(), o.z.data()); });
}
template <class Tag>
void column_sum(benchmark::State& state) {
  run(state, 1, [](operands& o, index_t n) { kernel::column_sum(Tag{}, n / 16, 16, o.x.data(), o.y.data()); });
}
template <class Tag>
void sgd_step(benchmark::State& state) {
  kernel::sgd_settings<float> const s{1e-3f, 0.9f, 1e-4f, true};
  run(state, 5, [s](operands& o, index_t n) { kernel::sgd_step(Tag{}, n, s, o.x.data(), o.y.data(), o.z.data()); });
}
template <class Tag>
void adam_step(benchmark::State& state) {
  kernel::adam_settings<float> const s{1e-3f, 0.9f, 0.999f, 1e-8f, 1e-2f};
  run(state, 7, [s](operands& o, index_t n) {
    kernel::adam_step(Tag{}, n, s, 10, o.x.data(), o.y.data(), o.u.data(), o.z.data());
  });
}

constexpr index_t in_l2 = 1 << 15, in_l3 = 1 << 20;

using kernel::scalar_tag;
using kernel::simd_tag;
BENCHMARK(add<scalar_tag>)->Arg(in_l2)->Arg(in_l3);
BENCHMARK(add<simd_tag>)->Arg(in_l2)->Arg(in_l3);
BENCHMARK(add_eigen)->Arg(in_l2)->Arg(in_l3);
BENCHMARK(relu<scalar_tag>)->Arg(in_l2)->Arg(in_l3);
BENCHMARK(relu<simd_tag>)->Arg(in_l2)->Arg(in_l3);
BENCHMARK(relu_eigen)->Arg(in_l2)->Arg(in_l3);
BENCHMARK(relu_backward<scalar_tag>)->Arg(in_l2)->Arg(in_l3);
BENCHMARK(relu_backward<simd_tag>)->Arg(in_l2)->Arg(in_l3);
BENCHMARK(column_sum<scalar_tag>)->Arg(in_l2)->Arg(in_l3);
BENCHMARK(column_sum<simd_tag>)->Arg(in_l2)->Arg(in_l3);
BENCHMARK(sgd_step<scalar_tag>)->Arg(in_l2)->Arg(in_l3);
BENCHMARK(sgd_step<simd_tag>)->Arg(in_l2)->Arg(in_l3);
BENCHMARK(adam_step<scalar_tag>)->Arg(in_l2)->Arg(in_l3);
BENCHMARK(adam_step<simd_tag>)->Arg(in_l2)->Arg(in_l3);

}  // namespace
