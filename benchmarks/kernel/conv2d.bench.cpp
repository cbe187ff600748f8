// Training convolutions, forward and both gradients: reference, petra, and im2col + Eigen's matrix product; FLOP/s of
// one core.
//
// The layers are those of a residual network for 32x32 pictures at batch 64. FLOP/s count the taps on the padding, as
// is usual.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // g++ 12 in its own AVX-512 intrinsics, where Eigen uses them
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include "petra/kernel/simd/conv2d.hpp"

#include <benchmark/benchmark.h>

#include <Eigen/Core>
#include <string>
#include <vector>

#include "petra/core/random.hpp"

namespace {

using petra::index_t;
namespace kernel = petra::kernel;
using kernel::conv2d_dims;

struct layer {
  char const* name;
  conv2d_dims d;
};
constexpr layer layers[] = {
    {"3x3 3-16 32x32", {64, 32, 32, 3, 16, 3, 3, 1, 1, 1}},
    {"3x3 16-16 32x32", {64, 32, 32, 16, 16, 3, 3, 1, 1, 1}},
    {"3x3 16-32 s2", {64, 32, 32, 16, 32, 3, 3, 2, 1, 1}},
    {"3x3 32-32 16x16", {64, 16, 16, 32, 32, 3, 3, 1, 1, 1}},
    {"3x3 32-64 s2", {64, 16, 16, 32, 64, 3, 3, 2, 1, 1}},
    {"3x3 64-64 8x8", {64, 8, 8, 64, 64, 3, 3, 1, 1, 1}},
    {"1x1 16-32 s2", {64, 32, 32, 16, 32, 1, 1, 2, 0, 1}},
    {"1x1 32-64 s2", {64, 16, 16, 32, 64, 1, 1, 2, 0, 1}},
    {"1x1 64-64 8x8", {64, 8, 8, 64, 64, 1, 1, 1, 0, 1}},
    {"3x3 depthwise 64 16x16", {64, 16, 16, 64, 64, 3, 3, 1, 1, 64}},
    {"3x3 16-16 28x28", {64, 28, 28, 16, 16, 3, 3, 1, 1, 1}},
    {"3x3 64-64 7x7", {64, 7, 7, 64, 64, 3, 3, 1, 1, 1}},
};

std::vector<float> random_floats(index_t n, std::uint64_t key) {
  petra::random r(key);
  std::vector<float> v(static_cast<std::size_t>(n));
  for (float& x : v) x = r.uniform(-1.f, 1.f);
  return v;
}

struct operands {
  explicit operands(conv2d_dims const& d)
      : x(random_floats(d.n * d.h * d.w * d.c, 1)),
        w(random_floats(d.o * d.patch(), 2)),
        bias(random_floats(d.o, 3)),
        y(random_floats(d.n * d.out_h() * d.out_w() * d.o, 4)) {}
  std::vector<float> x, w, bias, y;
};

enum class pass { forward, data, weight };

template <class Tag>
void run(benchmark::State& state, Tag tag, conv2d_dims d, pass p) {
  operands o(d);
  kernel::workspace scratch;
  for (auto _ : state) {
    switch (p) {
      case pass::forward:
        kernel::conv2d(tag, d, o.x.data(), o.w.data(), o.bias.data(), o.y.data(), scratch);
        break;
      case pass::data:
        kernel::conv2d_backward_data(tag, d, o.y.data(), o.w.data(), o.x.data(), scratch);
        break;
      case pass::weight:
        kernel::conv2d_backward_weight(tag, d, o.x.data(), o.y.data(), o.w.data(), scratch);
        break;
    }
    benchmark::ClobberMemory();
  }
  state.counters["FLOP/s"] =
      benchmark::Counter(2.0 * static_cast<double>(d.macs()), benchmark::Counter::kIsIterationInvariantRate);
}

// Patches (P, KH*KW*C) of one picture, then one product: what one writes with Eigen. Forward pass only.
void im2col_eigen(benchmark::State& state, conv2d_dims d) {
  using matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  operands o(d);
  index_t const oh = d.out_h(), ow = d.out_w();
  matrix patches(oh * ow, d.patch());
  Eigen::Map<matrix const> const w(o.w.data(), d.o, d.patch());
  Eigen::Map<Eigen::RowVectorXf const> const bias(o.bias.data(), d.o);
  for (auto _ : state) {
    for (index_t n = 0; n < d.n; ++n) {
      float const* const x = o.x.data() + n * d.h * d.w * d.c;
      for (index_t i = 0; i < oh * ow; ++i)
        for (index_t tap = 0; tap < d.kernel_h * d.kernel_w; ++tap) {
          index_t const y = i / ow * d.stride + tap / d.kernel_w - d.pad,
                        c = i % ow * d.stride + tap % d.kernel_w - d.pad;
          float* const to = patches.data() + i * d.patch() + tap * d.c;
          if (y < 0 || y >= d.h || c < 0 || c >= d.w)
            std::fill_n(to, d.c, 0.f);
          else
            std::copy_n(x + (y * d.w + c) * d.c, d.c, to);
        }
      Eigen::Map<matrix> y(o.y.data() + n * oh * ow * d.o, oh * ow, d.o);
      y.noalias() = patches * w.transpose();
      y.rowwise() += bias;
    }
    benchmark::ClobberMemory();
  }
  state.counters["FLOP/s"] =
      benchmark::Counter(2.0 * static_cast<double>(d.macs()), benchmark::Counter::kIsIterationInvariantRate);
}

int const registered = [] {
  for (auto const& [name, d] : layers) {
    auto const add = [&, d = d](std::string const& arm, pass p, char const* of) {
      benchmark::RegisterBenchmark((arm + "/" + of + "/" + name).c_str(), [=](benchmark::State& state) {
        if (arm == "petra")
          run(state, kernel::best, d, p);
        else
          run(state, kernel::scalar_tag{}, d, p);
      })->Unit(benchmark::kMicrosecond);
    };
    add("petra", pass::forward, "forward");
    add("petra", pass::data, "backward data");
    add("petra", pass::weight, "backward weight");
    if (d.groups == 1)
      benchmark::RegisterBenchmark((std::string("im2col + Eigen/forward/") + name).c_str(),
                                   [d = d](benchmark::State& state) { im2col_eigen(state, d); })
          ->Unit(benchmark::kMicrosecond);
    if (d.c == 32 && d.stride == 1) {
      add("reference", pass::forward, "forward");
      add("reference", pass::data, "backward data");
      add("reference", pass::weight, "backward weight");
    }
  }
  return 0;
}();

}  // namespace
