// Arms for convolutions at any batch: the specification, petra with run-time and literal extents, petra's Winograd, and
// the peers. Maps have a frame as wide as the padding; ReLU; all arms have the same inputs and weights.
#pragma once
#include <string>
#include <vector>

#include "../arms.hpp"
#include "../peers/onednn.hpp"
#include "../peers/xnnpack_conv.hpp"
#include "framed.hpp"
#include "petra/kernel/reference/conv2d_s8.hpp"
#include "petra/runtime/conv2d_f32.hpp"
#include "petra/runtime/conv2d_s8.hpp"
#include "petra/runtime/winograd_f32.hpp"

namespace bench {

// A square kernel over an h x w map, "same" padding, N images.
struct conv_row {
  index_t c, o, h, w, kernel = 3, stride = 1, n = 1, groups = 1;

  template <class Shape>
  [[nodiscard]] constexpr Shape shape() const {
    Shape s{.in = {h, w, c, kernel / 2},
            .out = {(h - 1) / stride + 1, (w - 1) / stride + 1, o, kernel / 2},
            .kernel_h = kernel,
            .kernel_w = kernel,
            .stride = stride,
            .pad = kernel / 2,
            .groups = groups};
    if constexpr (requires { s.relu; })
      s.relu = true;
    else
      s.out_zero = -128;
    return s;
  }
  [[nodiscard]] constexpr index_t taps() const { return kernel * kernel * (c / groups); }
  [[nodiscard]] constexpr index_t out_pixels() const { return ((h - 1) / stride + 1) * ((w - 1) / stride + 1); }
  [[nodiscard]] std::string text() const {
    auto const t = [](index_t i) { return std::to_string(i); };
    return t(c) + "to" + t(o) + "_" + t(h) + "x" + t(w) + "_k" + t(kernel) + "_s" + t(stride) +
           (groups > 1 ? "_g" + t(groups) : "") + "_b" + t(n);
  }
  // What oneDNN and XNNPACK call it.
  template <class Dims>
  [[nodiscard]] Dims dims() const {
    index_t const p = kernel / 2;
    Dims d{.h = h, .w = w, .c = c, .o = o};
    d.n = n, d.kernel_h = d.kernel_w = kernel, d.stride = stride, d.groups = groups;
    d.pad_top = d.pad_left = d.pad_bottom = d.pad_right = p;
    return d;
  }
};

struct conv_f32_layer {
  explicit conv_f32_layer(conv_row const& r)
      : row(r),
        shape(r.shape<rt::conv_f32_shape>()),
        dense_x(floats(r.n * r.h * r.w * r.c, 1)),
        plain(floats(r.o * r.taps(), 2)),
        bias(floats(r.o, 3)),
        x(framed(shape.in, r.n, dense_x, 0.f)),
        w(petra::shape(rt::packed_size(shape))),
        y(petra::shape(r.n * shape.out.elements() + 64)) {
    rt::pack(shape, plain.data(), w.data());
  }
  template <class Shape>
  void run(Shape s) {
    for (index_t i = 0; i < row.n; ++i)
      rt::conv2d_f32(s, x.data() + i * shape.in.elements(), w.data(), bias.data(), y.data() + i * shape.out.elements());
  }
  [[nodiscard]] std::vector<float> result() const { return dense(shape.out, row.n, y); }

  conv_row row;
  rt::conv_f32_shape shape;
  std::vector<float> dense_x, plain, bias;
  petra::tensor<float> x, w, y;
};

struct conv_f32_reference : conv_f32_layer {
  using conv_f32_layer::conv_f32_layer;
  void operator()() {
    rt::conv_f32_shape const& s = shape;
    index_t const run = s.in.c / s.groups, outs = s.out.c / s.groups;
    for (index_t n = 0; n < row.n; ++n)
      for (index_t oy = 0; oy < s.out.h; ++oy)
        for (index_t ox = 0; ox < s.out.w; ++ox)
          for (index_t o = 0; o < s.out.c; ++o) {
            float sum = bias[static_cast<std::size_t>(o)];
            float const* in = x.data() + n * s.in.elements() + rt::window(s, oy, ox) + o / outs * run;
            float const* q = plain.data() + o * row.taps();
            for (index_t kh = 0; kh < s.kernel_h; ++kh)
              for (index_t kw = 0; kw < s.kernel_w; ++kw, q += run)
                for (index_t i = 0; i < run; ++i) sum += in[kh * s.in.row() + kw * s.in.c + i] * q[i];
            y.data()[n * s.out.elements() + s.out.origin() + oy * s.out.row() + ox * s.out.c + o] = sum > 0 ? sum : 0;
          }
  }
};

struct conv_f32_dynamic : conv_f32_layer {
  using conv_f32_layer::conv_f32_layer;
  void operator()() {
    benchmark::DoNotOptimize(shape);
    run(shape);
  }
};

template <conv_row Row>
struct conv_f32_static : conv_f32_layer {
  conv_f32_static() : conv_f32_layer(Row) {}
  void operator()() { run(rt::fixed<Row.shape<rt::conv_f32_shape>()>{}); }
};

struct conv_f32_winograd : conv_f32_layer {
  explicit conv_f32_winograd(conv_row const& r)
      : conv_f32_layer(r),
        u(petra::shape(rt::winograd_size(shape))),
        scratch(petra::shape(rt::winograd_scratch(shape))) {
    rt::pack_winograd(shape, plain.data(), u.data());
  }
  void operator()() {
    benchmark::DoNotOptimize(shape);
    for (index_t i = 0; i < row.n; ++i)
      rt::winograd_f32(shape, x.data() + i * shape.in.elements(), u.data(), bias.data(), scratch.data(),
                       y.data() + i * shape.out.elements());
  }
  petra::tensor<float> u, scratch;
};

// Inputs and outputs lie on grids whose zero point is -128, as behind a ReLU; oneDNN has them unsigned.
struct conv_s8_layer {
  explicit conv_s8_layer(conv_row const& r)
      : row(r),
        shape(r.shape<rt::conv_shape>()),
        dense_x(integers(r.n * r.h * r.w * r.c, 1, -128)),
        plain(integers(r.o * r.taps(), 2)),
        shift(static_cast<std::size_t>(r.o), std::int8_t{-8}),
        bias(integers<std::int32_t>(r.o, 3, -3000, 3000)),
        folded(bias.size()),
        multiplier(bias.size(), 1500000000),
        x(framed(shape.in, r.n, dense_x, std::int8_t{-128})),
        w(petra::shape(rt::packed_size(shape))),
        y(petra::shape(r.n * shape.out.elements() + 64)) {
    rt::pack(shape, plain.data(), w.data());
    rt::fold_bias(shape, plain.data(), bias.data(), -128, folded.data());
  }
  static constexpr float scale = 1500000000.f / 2147483648.f / 256.f;
  template <class Shape>
  void run(Shape s) {
    for (index_t i = 0; i < row.n; ++i)
      rt::conv2d_s8(s, x.data() + i * shape.in.elements(), w.data(), folded.data(), multiplier.data(), shift.data(),
                    y.data() + i * shape.out.elements());
  }
  [[nodiscard]] std::vector<std::int8_t> result() const { return dense(shape.out, row.n, y); }

  conv_row row;
  rt::conv_shape shape;
  std::vector<std::int8_t> dense_x, plain, shift;
  std::vector<std::int32_t> bias, folded, multiplier;
  petra::tensor<std::int8_t> x, w, y;
};

struct conv_s8_reference : conv_s8_layer {
  using conv_s8_layer::conv_s8_layer;
  void operator()() {
    petra::kernel::conv2d_s8_dims d{.h = row.h, .w = row.w, .c = row.c, .o = row.o};
    d.kernel_h = d.kernel_w = row.kernel, d.stride = row.stride, d.pad = d.top = d.bottom = d.right = row.kernel / 2,
    d.groups = row.groups;
    d.in_zero = d.out_zero = -128;
    index_t const in = row.h * row.w * row.c, out = row.out_pixels() * row.o;
    found.resize(static_cast<std::size_t>(row.n * out));
    for (index_t i = 0; i < row.n; ++i)
      petra::kernel::conv2d_s8(petra::kernel::scalar_tag{}, d, dense_x.data() + i * in, plain.data(), bias.data(),
                               multiplier.data(), shift.data(), found.data() + i * out);
  }
  [[nodiscard]] std::vector<std::int8_t> const& result() const { return found; }
  std::vector<std::int8_t> found;
};

struct conv_s8_dynamic : conv_s8_layer {
  using conv_s8_layer::conv_s8_layer;
  void operator()() {
    benchmark::DoNotOptimize(shape);
    run(shape);
  }
};

template <conv_row Row>
struct conv_s8_static : conv_s8_layer {
  conv_s8_static() : conv_s8_layer(Row) {}
  void operator()() { run(rt::fixed<Row.shape<rt::conv_shape>()>{}); }
};

#if BENCH_ONEDNN
struct conv_s8_onednn {
  explicit conv_s8_onednn(conv_row const& r) : conv_s8_onednn(r, conv_s8_layer(r)) {}
  conv_s8_onednn(conv_row const& r, conv_s8_layer const& l)
      : run(r.dims<onednn::convolution_dims>(), unsigned_of(l.dense_x), l.plain, {l.bias.begin(), l.bias.end()},
            {.scale = conv_s8_layer::scale}) {}
  void operator()() { run(); }
  [[nodiscard]] std::vector<int> result() const {
    std::vector<int> v;
    for (std::uint8_t e : run.result()) v.push_back(e - 128);
    return v;
  }
  static std::vector<std::uint8_t> unsigned_of(std::vector<std::int8_t> const& x) {
    std::vector<std::uint8_t> u;
    for (std::int8_t e : x) u.push_back(static_cast<std::uint8_t>(e + 128));
    return u;
  }
  onednn::convolution<std::uint8_t, std::int8_t, std::uint8_t> run;
};
#endif

// Dimensions of a convolution where oneDNN is not there to say what they are.
struct peer_dims {
  index_t n = 1, h, w, c, o, kernel_h = 3, kernel_w = 3, stride = 1;
  index_t pad_top = 1, pad_left = 1, pad_bottom = 1, pad_right = 1, groups = 1, dilation = 1;
  [[nodiscard]] index_t out_h() const { return (h + pad_top + pad_bottom - kernel_h) / stride + 1; }
  [[nodiscard]] index_t out_w() const { return (w + pad_left + pad_right - kernel_w) / stride + 1; }
};

// A row without the arm whose extents are literals: for layers of which there are many.
inline bench::row conv_f32_row(std::string const& name, conv_row const& r) {
  bench::row b{.name = name, .shape = r.text()};
  b.operations = 2. * static_cast<double>(r.n * r.out_pixels() * r.o * r.taps());
  b.peak = peak::f32;
  b.arm("reference", [=] { return conv_f32_reference(r); });
  b.arm("petra_dynamic", [=] { return conv_f32_dynamic(r); });
  if (rt::suits_winograd(r.shape<rt::conv_f32_shape>()) && r.c >= 16)
    b.arm("petra_winograd", [=] { return conv_f32_winograd(r); });
#if BENCH_ONEDNN
  b.arm("onednn", [=] {
    return onednn::convolution<float, float, float>(r.dims<onednn::convolution_dims>(),
                                                    floats(r.n * r.h * r.w * r.c, 1), floats(r.o * r.taps(), 2),
                                                    floats(r.o, 3));
  });
  if (r.kernel == 3 && r.stride == 1 && r.groups == 1)
    b.arm("onednn_winograd", [=] {
      return onednn::convolution<float, float, float>(
          r.dims<onednn::convolution_dims>(), floats(r.n * r.h * r.w * r.c, 1), floats(r.o * r.taps(), 2),
          floats(r.o, 3), {.algorithm = dnnl::algorithm::convolution_winograd});
    });
#endif
#if BENCH_XNNPACK
  b.arm("xnnpack", [=] {
    return xnnpack::convolution<float, peer_dims>(r.dims<peer_dims>(), floats(r.n * r.h * r.w * r.c, 1),
                                                  floats(r.o * r.taps(), 2), floats(r.o, 3));
  });
#endif
  return b;
}
template <conv_row Row>
void enroll_conv_f32(std::string const& name) {
  conv_f32_row(name, Row).arm("petra_static", [] { return conv_f32_static<Row>(); });
}

// A row without the arm whose extents are literals: for layers of which there are many.
inline bench::row conv_s8_row(std::string const& name, conv_row const& r) {
  bench::row b{.name = name, .shape = r.text()};
  b.operations = 2. * static_cast<double>(r.n * r.out_pixels() * r.o * r.taps());
  b.peak = peak::s8;
  b.tolerance = 1.01 / 128;  // peers scale by floats: one step
  b.arm("reference", [=] { return conv_s8_reference(r); });
  b.arm("petra_dynamic", [=] { return conv_s8_dynamic(r); });
#if BENCH_ONEDNN
  b.arm("onednn", [=] { return conv_s8_onednn(r); });
#endif
#if BENCH_XNNPACK
  b.arm("xnnpack", [=] {
    conv_s8_layer const l(r);
    return xnnpack::convolution<std::int8_t, peer_dims>(r.dims<peer_dims>(), l.dense_x, l.plain, l.bias,
                                                        conv_s8_layer::scale);
  });
#endif
  return b;
}
template <conv_row Row>
void enroll_conv_s8(std::string const& name) {
  conv_s8_row(name, Row).arm("petra_static", [] { return conv_s8_static<Row>(); });
}

}  // namespace bench
