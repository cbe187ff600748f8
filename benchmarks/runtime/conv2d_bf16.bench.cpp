// Convolutions and dense layers with weights in bf16: float in, float out. petra_f32: the same layer by the float kernel,
// with twice the bytes of weights. oneDNN has its inputs and outputs in bf16 before the clock starts, petra rounds
// its inputs while the clock runs.
#include "petra/runtime/conv2d_bf16.hpp"

#include "conv_arms.hpp"

namespace {

using namespace bench;

struct conv_bf16_layer : conv_f32_layer {
  explicit conv_bf16_layer(conv_row const& r)
      : conv_f32_layer(r),
        narrow(petra::shape(rt::packed_size_bf16(shape))),
        scratch(petra::shape(rt::conv_bf16_scratch(shape))) {
    rt::pack_bf16(shape, plain.data(), narrow.data());
  }
  template <class Shape>
  void run(Shape s) {
    for (index_t i = 0; i < row.n; ++i)
      rt::conv2d_bf16(s, x.data() + i * shape.in.elements(), narrow.data(), bias.data(), scratch.data(),
                      y.data() + i * shape.out.elements());
  }
  petra::tensor<std::uint16_t> narrow, scratch;
};

struct conv_bf16_dynamic : conv_bf16_layer {
  using conv_bf16_layer::conv_bf16_layer;
  void operator()() {
    benchmark::DoNotOptimize(shape);
    run(shape);
  }
};

template <conv_row Row>
struct conv_bf16_static : conv_bf16_layer {
  conv_bf16_static() : conv_bf16_layer(Row) {}
  void operator()() { run(rt::fixed<Row.shape<rt::conv_f32_shape>()>{}); }
};

template <conv_row Row>
void enroll() {
  static constexpr conv_row r = Row;
  bench::row b{.name = "conv2d_bf16", .shape = r.text()};
  b.operations = 2. * static_cast<double>(r.n * r.out_pixels() * r.o * r.taps());
  b.peak = peak::bf16;
  b.tolerance = 2e-2;  // inputs, weights and oneDNN's outputs are rounded to 8 bits
  b.arm("reference", [] { return conv_f32_reference(r); });
  b.arm("petra_static", [] { return conv_bf16_static<Row>(); });
  b.arm("petra_dynamic", [] { return conv_bf16_dynamic(r); });
  b.arm("petra_f32", [] { return conv_f32_dynamic(r); });
#if BENCH_ONEDNN
  b.arm("onednn", [] {
    return onednn::convolution<float, float, float>(r.dims<onednn::convolution_dims>(),
                                                    floats(r.n * r.h * r.w * r.c, 1), floats(r.o * r.taps(), 2),
                                                    floats(r.o, 3), {.arithmetic = onednn::type::bf16});
  });
#endif
}

template <conv_row... Rows>
int enroll_all() {
  (..., enroll<Rows>());
  return 0;
}

[[maybe_unused]] int const enrolled = enroll_all<
    conv_row{3, 16, 32, 32}, conv_row{16, 16, 32, 32}, conv_row{.c = 16, .o = 32, .h = 32, .w = 32, .stride = 2},
    conv_row{32, 32, 16, 16}, conv_row{64, 64, 8, 8}, conv_row{64, 64, 56, 56}, conv_row{128, 128, 28, 28},
    conv_row{.c = 64, .o = 64, .h = 25, .w = 5, .kernel = 1}, conv_row{.c = 512, .o = 512, .h = 1, .w = 1, .kernel = 1},
    conv_row{.c = 512, .o = 512, .h = 1, .w = 8, .kernel = 1},
    conv_row{.c = 256, .o = 256, .h = 1, .w = 256, .kernel = 1}>();

}  // namespace
