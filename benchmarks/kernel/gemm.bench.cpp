// Matrix products: reference, petra, Eigen; GFLOP/s of one core.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // g++ 12 in its own AVX-512 intrinsics, where Eigen uses them
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include "petra/kernel/simd/gemm.hpp"

#include <benchmark/benchmark.h>

#include <Eigen/Core>
#include <vector>

#include "petra/core/random.hpp"

namespace {

using petra::index_t;
namespace kernel = petra::kernel;

std::vector<float> random_floats(index_t n, std::uint64_t key) {
  petra::random r(key);
  std::vector<float> v(static_cast<std::size_t>(n));
  for (float& x : v) x = r.uniform(-1.f, 1.f);
  return v;
}

kernel::gemm_dims dims_of(benchmark::State const& state) { return {state.range(1), state.range(2), state.range(3)}; }

void count(benchmark::State& state, kernel::gemm_dims d) {
  state.counters["FLOP/s"] =
      benchmark::Counter(2.0 * static_cast<double>(d.m * d.n * d.k), benchmark::Counter::kIsIterationInvariantRate);
}

// The first argument says what is transposed in memory: 1 A, 2 B.
template <class Tag>
void gemm(benchmark::State& state, Tag tag) {
  auto const d = dims_of(state);
  bool const ta = (state.range(0) & 1) != 0, tb = (state.range(0) & 2) != 0;
  auto const a = random_floats(d.m * d.k, 1), b = random_floats(d.k * d.n, 2);
  std::vector<float> c(static_cast<std::size_t>(d.m * d.n));
  kernel::workspace scratch;
  for (auto _ : state) {
    kernel::gemm(tag, d, a.data(), ta ? 1 : d.k, ta ? d.m : 1, b.data(), tb ? 1 : d.n, tb ? d.k : 1, c.data(), d.n,
                 false, scratch);
    benchmark::DoNotOptimize(c.data());
    benchmark::ClobberMemory();
  }
  count(state, d);
}
void reference(benchmark::State& state) { gemm(state, kernel::scalar_tag{}); }
void petra_simd(benchmark::State& state) { gemm(state, kernel::best); }

template <int AOrder, int BOrder>
void eigen_product(benchmark::State& state) {
  auto const d = dims_of(state);
  auto const a = random_floats(d.m * d.k, 1), b = random_floats(d.k * d.n, 2);
  std::vector<float> c(static_cast<std::size_t>(d.m * d.n));
  using matrix_a = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, AOrder>;
  using matrix_b = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, BOrder>;
  using matrix_c = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  Eigen::Map<matrix_a const> const ma(a.data(), d.m, d.k);
  Eigen::Map<matrix_b const> const mb(b.data(), d.k, d.n);
  Eigen::Map<matrix_c> mc(c.data(), d.m, d.n);
  for (auto _ : state) {
    mc.noalias() = ma * mb;
    benchmark::DoNotOptimize(c.data());
    benchmark::ClobberMemory();
  }
  count(state, d);
}
void eigen(benchmark::State& state) {
  constexpr int row = Eigen::RowMajor, column = Eigen::ColMajor;
  switch (state.range(0)) {
    case 0:
      return eigen_product<row, row>(state);
    case 1:
      return eigen_product<column, row>(state);
    case 2:
      return eigen_product<row, column>(state);
    default:
      return eigen_product<column, column>(state);
  }
}

void cubes(benchmark::internal::Benchmark* b) {
  b->ArgNames({"transposed", "m", "n", "k"});
  for (index_t const n : {16, 32, 64, 128, 256, 512}) b->Args({0, n, n, n});
}
// The products of a dense layer 784 -> 128 -> 10 at batch 64: forward, gradients of input and weights.
void layers(benchmark::internal::Benchmark* b) {
  cubes(b);
  b->Args({0, 1024, 1024, 1024});
  for (index_t const transposed : {1, 2, 3}) b->Args({transposed, 256, 256, 256});
  b->Args({2, 64, 128, 784})->Args({0, 64, 784, 128})->Args({1, 128, 784, 64});
  b->Args({2, 64, 10, 128})->Args({0, 64, 128, 10})->Args({1, 10, 128, 64});
  b->Args({0, 1024, 16, 144});
}

BENCHMARK(reference)->ArgNames({"transposed", "m", "n", "k"})->Args({0, 64, 64, 64})->Args({0, 256, 256, 256});
BENCHMARK(petra_simd)->Apply(layers);
BENCHMARK(eigen)->Apply(layers);

}  // namespace
