// Convolutions along one axis: InceptionTime's layers, a whole series at once, float and int8; and RTNeural's rows, a
// stream sample by sample, every answer the next input (recorded: best of its three back ends).
#include "petra/runtime/conv1d_f32.hpp"

#include "conv_arms.hpp"
#include "petra/kernel/reference/conv1d.hpp"
#include "petra/kernel/reference/conv1d_s8.hpp"
#include "petra/runtime/conv1d_s8.hpp"
#include "petra/runtime/conv1d_step_f32.hpp"

namespace {

using namespace petra;

struct series_row {
  index_t w, c, o, taps, dilation = 1;
  template <class Shape>
  [[nodiscard]] constexpr Shape shape() const {
    Shape s{.in = {w, c, rt::same_left(taps, dilation), rt::same_right(taps, dilation)},
            .out = {w, o},
            .taps = taps,
            .dilation = dilation,
            .pad = rt::same_left(taps, dilation)};
    if constexpr (requires { s.relu; })
      s.relu = true;
    else
      s.out_zero = -128;
    return s;
  }
  [[nodiscard]] kernel::conv1d_dims dims() const {
    return {.w = w,
            .c = c,
            .o = o,
            .taps = taps,
            .dilation = dilation,
            .left = rt::same_left(taps, dilation),
            .right = rt::same_right(taps, dilation)};
  }
};

template <class T>
tensor<T> framed_series(rt::series_map const& m, std::vector<T> const& x, T fill) {
  tensor<T> f(petra::shape(m.elements() + 64));
  for (auto& e : f) e = fill;
  std::copy(x.begin(), x.end(), f.data() + m.origin());
  return f;
}

struct layer_f32 {
  explicit layer_f32(series_row const& r)
      : row(r),
        shape(r.shape<rt::conv1d_f32_shape>()),
        dense_x(bench::floats(r.w * r.c, 1)),
        plain(bench::floats(r.o * r.taps * r.c, 2)),
        bias(bench::floats(r.o, 3)),
        y(static_cast<std::size_t>(r.w * r.o)),
        x(framed_series(shape.in, dense_x, 0.f)),
        w(petra::shape(rt::packed_size(shape))) {
    rt::pack(shape, plain.data(), w.data());
  }
  template <class Shape>
  void run(Shape s) {
    rt::conv1d_f32(s, x.data(), w.data(), bias.data(), y.data());
  }
  [[nodiscard]] std::vector<float> const& result() const { return y; }
  series_row row;
  rt::conv1d_f32_shape shape;
  std::vector<float> dense_x, plain, bias, y;
  tensor<float> x, w;
};

struct layer_s8 {
  explicit layer_s8(series_row const& r)
      : row(r),
        shape(r.shape<rt::conv1d_shape>()),
        dense_x(bench::integers(r.w * r.c, 1, -128)),
        plain(bench::integers(r.o * r.taps * r.c, 2)),
        shift(static_cast<std::size_t>(r.o), std::int8_t{-9}),
        y(static_cast<std::size_t>(r.w * r.o)),
        bias(bench::integers<std::int32_t>(r.o, 3, -3000, 3000)),
        folded(bias.size()),
        multiplier(bias.size(), 1500000000),
        x(framed_series(shape.in, dense_x, std::int8_t{-128})),
        w(petra::shape(rt::packed_size(shape))) {
    rt::pack(shape, plain.data(), w.data());
    rt::fold_bias(shape, plain.data(), bias.data(), -128, folded.data());
  }
  template <class Shape>
  void run(Shape s) {
    rt::conv1d_s8(s, x.data(), w.data(), folded.data(), multiplier.data(), shift.data(), y.data());
  }
  [[nodiscard]] std::vector<std::int8_t> const& result() const { return y; }
  series_row row;
  rt::conv1d_shape shape;
  std::vector<std::int8_t> dense_x, plain, shift, y;
  std::vector<std::int32_t> bias, folded, multiplier;
  tensor<std::int8_t> x, w;
};

struct reference_f32 : layer_f32 {
  using layer_f32::layer_f32;
  void operator()() {
    kernel::conv1d(kernel::scalar_tag{}, row.dims(), dense_x.data(), plain.data(), bias.data(), y.data());
    for (float& e : y) e = e > 0 ? e : 0;
  }
};
struct reference_s8 : layer_s8 {
  using layer_s8::layer_s8;
  void operator()() {
    kernel::conv1d_s8(kernel::scalar_tag{}, row.dims(), {-128, -128, -128, 127}, dense_x.data(), plain.data(),
                      bias.data(), multiplier.data(), shift.data(), y.data());
  }
};
template <class Layer>
struct dynamic : Layer {
  using Layer::Layer;
  void operator()() {
    benchmark::DoNotOptimize(this->shape);
    this->run(this->shape);
  }
};
template <class Layer, series_row Row, class Shape>
struct literal : Layer {
  literal() : Layer(Row) {}
  void operator()() { this->run(rt::fixed<Row.shape<Shape>()>{}); }
};

#if BENCH_ONEDNN
// A map of height 1: with dilation 1 oneDNN then runs the same primitive as for its 1-d tensors.
bench::onednn::convolution_dims flat(series_row const& r) {
  bench::onednn::convolution_dims d{.h = 1, .w = r.w, .c = r.c, .o = r.o};
  d.kernel_h = 1, d.kernel_w = r.taps, d.dilation = r.dilation, d.pad_top = d.pad_bottom = 0;
  d.pad_left = rt::same_left(r.taps, r.dilation), d.pad_right = rt::same_right(r.taps, r.dilation);
  return d;
}
struct onednn_s8 {
  explicit onednn_s8(series_row const& r) : onednn_s8(r, layer_s8(r)) {}
  onednn_s8(series_row const& r, layer_s8 const& l)
      : run(flat(r), bench::conv_s8_onednn::unsigned_of(l.dense_x), l.plain, {l.bias.begin(), l.bias.end()},
            {.scale = bench::conv_s8_layer::scale / 2}) {}
  void operator()() { run(); }
  [[nodiscard]] std::vector<int> result() const {
    std::vector<int> v;
    for (std::uint8_t e : run.result()) v.push_back(e - 128);
    return v;
  }
  bench::onednn::convolution<std::uint8_t, std::int8_t, std::uint8_t> run;
};
#endif

template <series_row Row>
void enroll_series() {
  static constexpr series_row r = Row;
  auto const t = [](index_t i) { return std::to_string(i); };
  bench::row b{.name = "conv1d_f32",
               .shape = t(r.c) + "to" + t(r.o) + "_" + t(r.w) + "_k" + t(r.taps) + "_d" + t(r.dilation)};
  b.operations = 2. * static_cast<double>(r.w * r.o * r.taps * r.c);
  b.peak = bench::peak::f32;
  b.arm("reference", [] { return reference_f32(r); });
  b.arm("petra_static", [] { return literal<layer_f32, Row, rt::conv1d_f32_shape>(); });
  b.arm("petra_dynamic", [] { return dynamic<layer_f32>(r); });
#if BENCH_ONEDNN
  b.arm("onednn", [] {
    layer_f32 const l(r);
    return bench::onednn::convolution<float, float, float>(flat(r), l.dense_x, l.plain, l.bias);
  });
#endif
  bench::row q{.name = "conv1d_s8", .shape = b.shape, .operations = b.operations};
  q.peak = bench::peak::s8;
  q.tolerance = 1.01 / 128;  // oneDNN scales by floats: one step
  q.arm("reference", [] { return reference_s8(r); });
  q.arm("petra_static", [] { return literal<layer_s8, Row, rt::conv1d_shape>(); });
  q.arm("petra_dynamic", [] { return dynamic<layer_s8>(r); });
#if BENCH_ONEDNN
  q.arm("onednn", [] { return onednn_s8(r); });
#endif
}

// A hundred steps, 3 taps, C -> C; every answer is the next input.
constexpr index_t stream_steps = 100;
constexpr rt::conv1d_f32_shape stream_shape(index_t c) { return {.in = {1, c}, .out = {1, c}, .taps = 3}; }

template <index_t C>
struct stream {
  stream() : w(petra::shape(rt::packed_size(stream_shape(C)))), bias(bench::floats(C, 3)) {
    auto const plain = bench::floats(3 * C * C, 2, -0.3f / C, 0.3f / C);
    rt::pack(stream_shape(C), plain.data(), w.data());
  }
  template <class Shape>
  void run(Shape s) {
    alignas(64) float x[C] = {}, y[C], history[3 * C] = {};
    index_t position = 0;
    for (index_t i = 0; i < stream_steps; ++i) {
      rt::conv1d_step_f32(s, x, w.data(), bias.data(), history, position, y);
      for (index_t k = 0; k < C; ++k) x[k] = y[k];
    }
    found.assign(x, x + C);
  }
  [[nodiscard]] std::vector<float> const& result() const { return found; }
  tensor<float> w;
  std::vector<float> bias, found;
  rt::conv1d_f32_shape shape = stream_shape(C);
};
template <index_t C>
struct stream_static : stream<C> {
  void operator()() { this->run(rt::fixed<stream_shape(C)>{}); }
};
template <index_t C>
struct stream_dynamic : stream<C> {
  void operator()() {
    benchmark::DoNotOptimize(this->shape);
    this->run(this->shape);
  }
};
template <index_t C>
struct stream_reference : stream<C> {
  void operator()() {
    auto const plain = bench::floats(3 * C * C, 2, -0.3f / C, 0.3f / C);
    std::vector<float> past(3 * C, 0.f);  // the oldest first
    this->found.assign(C, 0.f);
    for (index_t i = 0; i < stream_steps; ++i) {
      past.erase(past.begin(), past.begin() + C);
      past.insert(past.end(), this->found.begin(), this->found.end());
      kernel::conv1d(kernel::scalar_tag{}, {.w = 3, .c = C, .o = C, .taps = 3}, past.data(), plain.data(),
                     this->bias.data(), this->found.data());
    }
  }
};

template <index_t C>
void enroll_stream(double recorded) {
  bench::row r{.name = "conv1d_step_f32", .shape = "100x" + std::to_string(C) + "_k3"};
  r.operations = 2. * 3 * C * C * stream_steps;
  r.peak = bench::peak::f32;
  r.recorded = {{"rtneural", recorded * stream_steps}};
  r.arm("reference", [] { return stream_reference<C>(); });
  r.arm("petra_static", [] { return stream_static<C>(); });
  r.arm("petra_dynamic", [] { return stream_dynamic<C>(); });
}

int enroll() {
  enroll_series<series_row{144, 32, 32, 39}>();
  enroll_series<series_row{144, 32, 32, 19}>();
  enroll_series<series_row{144, 32, 32, 9}>();
  enroll_series<series_row{144, 128, 32, 1}>();
  enroll_series<series_row{144, 32, 32, 3, 4}>();
  enroll_stream<4>(5.5);
  enroll_stream<8>(9.1);
  enroll_stream<16>(20);
  enroll_stream<32>(60);
  enroll_stream<64>(223);
  return 0;
}

[[maybe_unused]] int const enrolled = enroll();

}  // namespace
