// int8 convolutions at batch 1: the specification, petra with run-time extents, petra with literal extents.
#include <benchmark/benchmark.h>

#include <vector>

#include "petra/core/random.hpp"
#include "petra/kernel/reference/conv2d_s8.hpp"
#include "petra/runtime/conv2d_s8.hpp"
#include "petra/tensor/tensor.hpp"

namespace {

using namespace petra;
using rt::conv_shape;

constexpr conv_shape conv(index_t c, index_t o, index_t size, index_t kernel, index_t stride) {
  index_t const out = (size - 1) / stride + 1, pad = kernel / 2;
  return {.in = {size, size, c, 1},
          .out = {out, out, o, 1},
          .kernel_h = kernel,
          .kernel_w = kernel,
          .stride = stride,
          .pad = pad,
          .out_zero = -128};
}

struct layer {
  explicit layer(conv_shape const& s)
      : shape(s),
        x(petra::shape(s.in.elements() + 64)),
        w(petra::shape(rt::packed_size(s))),
        plain(petra::shape(s.out.c * s.kernel_h * s.kernel_w * s.in.c)),
        y(petra::shape(s.out.elements() + 64)),
        shift(petra::shape(s.out.c)),
        bias(petra::shape(s.out.c)),
        multiplier(petra::shape(s.out.c)) {
    petra::random r(key(1, s.in.c, s.out.c));
    for (auto& e : x) e = static_cast<std::int8_t>(r.index(256) - 128);
    for (auto& e : plain) e = static_cast<std::int8_t>(r.index(255) - 127);
    rt::pack(s, plain.data(), w.data());
    for (auto& e : multiplier) e = 1500000000;
    for (auto& e : shift) e = -8;
  }
  void report(benchmark::State& state) const {
    auto const operations = 2.0 * static_cast<double>(shape.out.pixels() * plain.size());
    state.counters["GOP/s"] = benchmark::Counter(operations * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
    state.SetLabel(std::to_string(shape.in.c) + "->" + std::to_string(shape.out.c) + " " + std::to_string(shape.in.h) +
                   "x" + std::to_string(shape.in.w) + " k" + std::to_string(shape.kernel_h) + " s" +
                   std::to_string(shape.stride));
  }

  conv_shape shape;
  tensor<std::int8_t> x, w, plain, y, shift;
  tensor<std::int32_t> bias, multiplier;
};

template <conv_shape Shape>
void reference(benchmark::State& state) {
  layer l(Shape);
  kernel::conv2d_s8_dims const d{.h = Shape.in.h,
                                 .w = Shape.in.w,
                                 .c = Shape.in.c,
                                 .o = Shape.out.c,
                                 .kernel_h = Shape.kernel_h,
                                 .kernel_w = Shape.kernel_w,
                                 .stride = Shape.stride,
                                 .pad = Shape.pad};
  for (auto _ : state) {
    kernel::conv2d_s8(kernel::scalar_tag{}, d, l.x.data(), l.plain.data(), l.bias.data(), l.multiplier.data(),
                      l.shift.data(), l.y.data());
    benchmark::ClobberMemory();
  }
  l.report(state);
}

template <conv_shape Shape>
void run_time(benchmark::State& state) {
  layer l(Shape);
  for (auto _ : state) {
    benchmark::DoNotOptimize(l.shape);
    rt::conv2d_s8(l.shape, l.x.data(), l.w.data(), l.bias.data(), l.multiplier.data(), l.shift.data(), l.y.data());
    benchmark::ClobberMemory();
  }
  l.report(state);
}

template <conv_shape Shape>
void literal(benchmark::State& state) {
  layer l(Shape);
  for (auto _ : state) {
    rt::conv2d_s8(rt::fixed<Shape>{}, l.x.data(), l.w.data(), l.bias.data(), l.multiplier.data(), l.shift.data(),
                  l.y.data());
    benchmark::ClobberMemory();
  }
  l.report(state);
}

template <conv_shape... Shape>
int enroll() {
  auto const one = [](char const* name, void (*f)(benchmark::State&)) {
    benchmark::RegisterBenchmark(name, f)->Unit(benchmark::kMicrosecond);
  };
  (..., (one("conv2d_s8/reference", reference<Shape>), one("conv2d_s8/run_time", run_time<Shape>),
         one("conv2d_s8/literal", literal<Shape>)));
  return 0;
}

[[maybe_unused]] int const enrolled =
    enroll<conv(3, 16, 32, 3, 1), conv(1, 16, 28, 3, 1), conv(16, 16, 32, 3, 1), conv(16, 16, 28, 3, 1),
           conv(16, 32, 32, 3, 2), conv(16, 32, 32, 1, 2), conv(32, 32, 16, 3, 1), conv(32, 64, 16, 3, 2),
           conv(64, 64, 8, 3, 1), conv(64, 64, 7, 3, 1), conv(24, 24, 16, 3, 1), conv(64, 64, 16, 1, 1),
           conv(128, 128, 28, 3, 1)>();

}  // namespace
