// Batch normalization: reference, petra, Eigen. Bytes/s of one core: every array that is read or written counts once,
// whatever the number of passes.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // g++ 12 in its own AVX-512 intrinsics, where Eigen uses them
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include "petra/kernel/simd/batch_norm.hpp"

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
  for (float& x : v) x = r.uniform(0.5f, 1.f);
  return v;
}

struct operands {
  explicit operands(benchmark::State const& state)
      : rows(state.range(0)),
        cols(state.range(1)),
        x(random_floats(rows * cols, 1)),
        y(x),
        dx(x),
        gamma(random_floats(cols, 2)),
        beta(gamma),
        mean(gamma),
        inv_std(gamma) {}
  index_t rows, cols;
  std::vector<float> x, y, dx, gamma, beta, mean, inv_std;
};

void count(benchmark::State& state, operands const& o, double arrays) {
  state.SetBytesProcessed(
      static_cast<index_t>(arrays * 4.0 * static_cast<double>(state.iterations() * o.rows * o.cols)));
}

template <class Tag>
void forward(benchmark::State& state, Tag tag) {
  operands o(state);
  for (auto _ : state) {
    kernel::batch_norm(tag, o.rows, o.cols, o.x.data(), o.gamma.data(), o.beta.data(), 1e-5f, o.mean.data(),
                       o.inv_std.data(), o.y.data());
    benchmark::ClobberMemory();
  }
  count(state, o, 2);
}
template <class Tag>
void backward(benchmark::State& state, Tag tag) {
  operands o(state);
  kernel::workspace scratch;
  for (auto _ : state) {
    kernel::batch_norm_backward(tag, o.rows, o.cols, o.x.data(), o.gamma.data(), o.mean.data(), o.inv_std.data(),
                                o.y.data(), o.dx.data(), o.gamma.data(), o.beta.data(), scratch);
    benchmark::ClobberMemory();
  }
  count(state, o, 4);
}

void reference_forward(benchmark::State& state) { forward(state, kernel::scalar_tag{}); }
void petra_forward(benchmark::State& state) { forward(state, kernel::best); }
void reference_backward(benchmark::State& state) { backward(state, kernel::scalar_tag{}); }
void petra_backward(benchmark::State& state) { backward(state, kernel::best); }

void eigen_forward(benchmark::State& state) {
  using array = Eigen::Array<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  operands o(state);
  Eigen::Map<array const> const x(o.x.data(), o.rows, o.cols);
  Eigen::Map<array> y(o.y.data(), o.rows, o.cols);
  Eigen::Map<Eigen::Array<float, 1, Eigen::Dynamic> const> const gamma(o.gamma.data(), o.cols),
      beta(o.beta.data(), o.cols);
  for (auto _ : state) {
    Eigen::Array<float, 1, Eigen::Dynamic> const mean = x.colwise().mean();
    Eigen::Array<float, 1, Eigen::Dynamic> const scale =
        gamma * ((x.rowwise() - mean).square().colwise().mean() + 1e-5f).rsqrt();
    y = ((x.rowwise() - mean).rowwise() * scale).rowwise() + beta;
    benchmark::ClobberMemory();
  }
  count(state, o, 2);
}

void sizes(benchmark::internal::Benchmark* b) {
  b->ArgNames({"rows", "cols"})->Unit(benchmark::kMicrosecond);
  b->Args({65536, 16})->Args({16384, 32})->Args({4096, 64});
}

BENCHMARK(reference_forward)->Apply(sizes);
BENCHMARK(petra_forward)->Apply(sizes);
BENCHMARK(eigen_forward)->Apply(sizes);
BENCHMARK(reference_backward)->Apply(sizes);
BENCHMARK(petra_backward)->Apply(sizes);

}  // namespace
