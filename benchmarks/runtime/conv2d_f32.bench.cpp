// float convolutions at batch 1: plain loops, petra with run-time and literal extents, Eigen (patches + matrix
// product).
#include <benchmark/benchmark.h>

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push  // g++ 12 warns about undefined operands in its own AVX-512 intrinsics
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <Eigen/Core>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#include <vector>

#include "petra/core/random.hpp"
#include "petra/runtime/conv2d_f32.hpp"
#include "petra/tensor/tensor.hpp"

namespace {

using namespace petra;
using rt::conv_f32_shape;

constexpr conv_f32_shape conv(index_t c, index_t o, index_t size, index_t kernel, index_t stride) {
  index_t const out = (size - 1) / stride + 1, pad = kernel / 2;
  return {.in = {size, size, c, 1},
          .out = {out, out, o, 1},
          .kernel_h = kernel,
          .kernel_w = kernel,
          .stride = stride,
          .pad = pad,
          .relu = true};
}

struct layer {
  explicit layer(conv_f32_shape const& s)
      : shape(s),
        x(petra::shape(s.in.elements() + 16)),
        w(petra::shape(rt::packed_size(s))),
        plain(w.shape()),
        y(petra::shape(s.out.elements() + 16)),
        bias(petra::shape(s.out.c)) {
    petra::random r(key(1, s.in.c, s.out.c));
    for (auto& e : x) e = r.normal();
    for (auto& e : plain) e = r.normal();
    rt::pack(s, plain.data(), w.data());
  }
  void report(benchmark::State& state) const {
    auto const operations = 2.0 * static_cast<double>(shape.out.pixels() * plain.size());
    state.counters["GFLOP/s"] = benchmark::Counter(operations * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
    state.SetLabel(std::to_string(shape.in.c) + "->" + std::to_string(shape.out.c) + " " + std::to_string(shape.in.h) +
                   "x" + std::to_string(shape.in.w) + " k" + std::to_string(shape.kernel_h) + " s" +
                   std::to_string(shape.stride));
  }

  conv_f32_shape shape;
  tensor<float> x, w, plain, y, bias;
};

template <conv_f32_shape Shape>
void reference(benchmark::State& state) {
  layer l(Shape);
  conv_f32_shape const s = Shape;
  for (auto _ : state) {
    for (index_t oy = 0; oy < s.out.h; ++oy)
      for (index_t ox = 0; ox < s.out.w; ++ox)
        for (index_t o = 0; o < s.out.c; ++o) {
          float sum = l.bias[o];
          for (index_t kh = 0; kh < s.kernel_h; ++kh)
            for (index_t k = 0; k < s.kernel_w * s.in.c; ++k)
              sum += l.x.data()[rt::window(s, oy, ox) + kh * s.in.row() + k] *
                     l.plain.data()[(o * s.kernel_h + kh) * s.kernel_w * s.in.c + k];
          l.y.data()[s.out.origin() + oy * s.out.row() + ox * s.out.c + o] = sum > 0 ? sum : 0;
        }
    benchmark::ClobberMemory();
  }
  l.report(state);
}

template <conv_f32_shape Shape>
void run_time(benchmark::State& state) {
  layer l(Shape);
  for (auto _ : state) {
    benchmark::DoNotOptimize(l.shape);
    rt::conv2d_f32(l.shape, l.x.data(), l.w.data(), l.bias.data(), l.y.data());
    benchmark::ClobberMemory();
  }
  l.report(state);
}

template <conv_f32_shape Shape>
void literal(benchmark::State& state) {
  layer l(Shape);
  for (auto _ : state) {
    rt::conv2d_f32(rt::fixed<Shape>{}, l.x.data(), l.w.data(), l.bias.data(), l.y.data());
    benchmark::ClobberMemory();
  }
  l.report(state);
}

// y (pixels,O) = relu(patches (pixels, KH KW C) . w^T + b); the patches are copied each time, as a layer must.
template <conv_f32_shape Shape>
void eigen(benchmark::State& state) {
  layer l(Shape);
  constexpr conv_f32_shape s = Shape;
  using matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  index_t const run = s.kernel_w * s.in.c, taps = s.kernel_h * run;
  matrix patches(s.out.pixels(), taps), y(s.out.pixels(), s.out.c);
  Eigen::Map<matrix const> const w(l.plain.data(), s.out.c, taps);
  Eigen::Map<Eigen::RowVectorXf const> const bias(l.bias.data(), s.out.c);
  for (auto _ : state) {
    for (index_t oy = 0; oy < s.out.h; ++oy)
      for (index_t ox = 0; ox < s.out.w; ++ox)
        for (index_t kh = 0; kh < s.kernel_h; ++kh)
          for (index_t k = 0; k < run; ++k)
            patches(oy * s.out.w + ox, kh * run + k) = l.x.data()[rt::window(s, oy, ox) + kh * s.in.row() + k];
    y.noalias() = patches * w.transpose();
    y = (y.rowwise() + bias).cwiseMax(0.f);
    benchmark::ClobberMemory();
  }
  l.report(state);
}

template <conv_f32_shape... Shape>
int enroll() {
  auto const one = [](char const* name, void (*f)(benchmark::State&)) {
    benchmark::RegisterBenchmark(name, f)->Unit(benchmark::kMicrosecond);
  };
  (..., (one("conv2d_f32/reference", reference<Shape>), one("conv2d_f32/run_time", run_time<Shape>),
         one("conv2d_f32/literal", literal<Shape>), one("conv2d_f32/eigen", eigen<Shape>)));
  return 0;
}

[[maybe_unused]] int const enrolled =
    enroll<conv(3, 16, 32, 3, 1), conv(1, 16, 28, 3, 1), conv(16, 16, 32, 3, 1), conv(16, 32, 32, 3, 2),
           conv(16, 32, 32, 1, 2), conv(32, 32, 16, 3, 1), conv(32, 64, 16, 3, 2), conv(64, 64, 8, 3, 1),
           conv(64, 64, 7, 3, 1), conv(64, 64, 16, 1, 1)>();

}  // namespace
