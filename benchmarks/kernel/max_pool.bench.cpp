// Pooling: reference and petra. Bytes/s of one core: the larger tensor, once.
#include "petra/kernel/simd/max_pool.hpp"
#include "petra/kernel/simd/avg_pool.hpp"

#include <benchmark/benchmark.h>

#include <vector>

#include "petra/core/random.hpp"

namespace {

using petra::index_t;
namespace kernel = petra::kernel;

constexpr kernel::pool2d_dims halving{64, 32, 32, 16, 2, 2, 2, 0}, global{64, 8, 8, 64, 8, 8, 1, 0};

struct operands {
  explicit operands(kernel::pool2d_dims const& d)
      : x(static_cast<std::size_t>(d.n * d.h * d.w * d.c)),
        y(static_cast<std::size_t>(d.n * d.out_h() * d.out_w() * d.c)),
        argmax(y.size()) {
    petra::random r(1);
    for (float& v : x) v = r.uniform(-1.f, 1.f);
  }
  std::vector<float> x, y;
  std::vector<std::int32_t> argmax;
};

template <class F>
void run(benchmark::State& state, kernel::pool2d_dims const& d, F body) {
  operands o(d);
  for (auto _ : state) {
    body(o);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<index_t>(o.x.size()) * 4);
}

template <class Tag>
void max_pool(benchmark::State& state) {
  run(state, halving, [](operands& o) { kernel::max_pool(Tag{}, halving, o.x.data(), o.y.data(), o.argmax.data()); });
}
template <class Tag>
void avg_pool_global(benchmark::State& state) {
  run(state, global, [](operands& o) { kernel::avg_pool(Tag{}, global, o.x.data(), o.y.data()); });
}
template <class Tag>
void avg_pool_global_backward(benchmark::State& state) {
  run(state, global, [](operands& o) { kernel::avg_pool_backward(Tag{}, global, o.y.data(), o.x.data()); });
}
void max_pool_backward(benchmark::State& state) {
  operands first(halving);
  kernel::max_pool(kernel::best, halving, first.x.data(), first.y.data(), first.argmax.data());
  run(state, halving, [&](operands& o) {
    kernel::max_pool_backward(kernel::best, halving, first.argmax.data(), o.y.data(), o.x.data());
  });
}

using kernel::scalar_tag;
using kernel::simd_tag;
BENCHMARK(max_pool<scalar_tag>);
BENCHMARK(max_pool<simd_tag>);
BENCHMARK(max_pool_backward);
BENCHMARK(avg_pool_global<scalar_tag>);
BENCHMARK(avg_pool_global<simd_tag>);
BENCHMARK(avg_pool_global_backward<scalar_tag>);
BENCHMARK(avg_pool_global_backward<simd_tag>);

}  // namespace
