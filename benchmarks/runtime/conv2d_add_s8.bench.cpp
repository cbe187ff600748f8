// int8 3 x 3 convolutions with the addition that follows: the reference, two calls, one call.
#include <benchmark/benchmark.h>

#include <vector>

#include "petra/core/random.hpp"
#include "petra/kernel/reference/conv2d_add_s8.hpp"
#include "petra/runtime/conv2d_add_s8.hpp"
#include "petra/runtime/linear_sum.hpp"
#include "petra/tensor/tensor.hpp"

namespace {

using namespace petra;

// Arguments: size of the picture, channels.
struct operands {
  rt::conv_add_shape s;
  tensor<std::int8_t> x, r, w, own, y;
  std::vector<std::int32_t> bias, multiplier;
  std::vector<std::int8_t> shift;

  explicit operands(benchmark::State const& state) {
    index_t const size = state.range(0), c = state.range(1);
    rt::feature_map const framed{size, size, c, 1}, plain{size, size, c, 0};
    rt::conv_shape const conv{.in = framed, .out = framed, .kernel_h = 3, .kernel_w = 3, .pad = 1, .out_zero = -11};
    rt::add_shape const add{.a = plain, .b = framed, .out = framed, .a_zero = -11, .b_zero = -128, .out_zero = -128};
    s = rt::join(conv, rt::with_linear_sum(rt::add_scales(add, 0.0513, 0.0404, 0.0621)));
    for (auto* const m : {&x, &r, &own, &y}) *m = noise(framed.elements() + 64);
    w = noise(rt::packed_size(conv));
    auto const n = static_cast<std::size_t>(c);
    bias.assign(n, 100), multiplier.assign(n, 1500000000), shift.assign(n, -9);
  }
  static tensor<std::int8_t> noise(index_t n) {
    tensor<std::int8_t> t{petra::shape(n)};
    petra::random random(key(1, n));
    for (auto& e : t) e = static_cast<std::int8_t>(random.index(255) - 127);
    return t;
  }
};

void conv2d_add_s8_reference(benchmark::State& state) {
  operands o(state);
  rt::add_shape const a = rt::addition_of(o.s);
  kernel::conv2d_s8_dims const d{.h = o.s.in.h,
                                 .w = o.s.in.w,
                                 .c = o.s.in.c,
                                 .o = o.s.out.c,
                                 .kernel_h = 3,
                                 .kernel_w = 3,
                                 .pad = 1,
                                 .out_zero = a.a_zero};
  kernel::add_s8_grids const g{a.a_zero,          a.b_zero,
                               a.left_shift,      a.a_scale.multiplier,
                               a.a_scale.shift,   a.b_scale.multiplier,
                               a.b_scale.shift,   a.out_scale.multiplier,
                               a.out_scale.shift, a.out_zero};
  for (auto _ : state) {
    kernel::conv2d_add_s8(kernel::scalar_tag{}, d, g, o.x.data(), o.r.data(), o.w.data(), o.bias.data(),
                          o.multiplier.data(), o.shift.data(), o.own.data(), o.y.data());
    benchmark::ClobberMemory();
  }
}
void conv2d_add_s8_two_calls(benchmark::State& state) {
  operands o(state);
  rt::add_shape const a = rt::addition_of(o.s);
  rt::conv_shape alone = o.s;
  alone.out.halo = alone.out.halo_h = 0;
  for (auto _ : state) {
    rt::conv2d_s8(alone, o.x.data(), o.w.data(), o.bias.data(), o.multiplier.data(), o.shift.data(), o.own.data());
    rt::add_s8(a, o.own.data(), o.r.data(), o.y.data());
    benchmark::ClobberMemory();
  }
}
void conv2d_add_s8_petra(benchmark::State& state) {
  operands o(state);
  for (auto _ : state) {
    rt::conv2d_add_s8(o.s, o.x.data(), o.r.data(), o.w.data(), o.bias.data(), o.multiplier.data(), o.shift.data(),
                      o.y.data());
    benchmark::ClobberMemory();
  }
}
void sizes(benchmark::internal::Benchmark* b) { b->Args({32, 16})->Args({16, 32})->Args({8, 64})->Args({28, 128}); }
BENCHMARK(conv2d_add_s8_reference)->Args({8, 64});
BENCHMARK(conv2d_add_s8_two_calls)->Apply(sizes);
BENCHMARK(conv2d_add_s8_petra)->Apply(sizes);

}  // namespace
