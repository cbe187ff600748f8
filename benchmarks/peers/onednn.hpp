// oneDNN's matrix product and convolution as arms: weights and activations in the layouts it prefers, reordered before the
// clock starts, one primitive a call.
#pragma once
#if BENCH_ONEDNN
#include <cstdint>
#include <type_traits>
#include <vector>

#include <dnnl.hpp>

#include "../arms.hpp"

namespace bench::onednn {

using type = dnnl::memory::data_type;
using tag = dnnl::memory::format_tag;

inline dnnl::engine& engine() {
  static dnnl::engine e(dnnl::engine::kind::cpu, 0);
  return e;
}
inline dnnl::stream& stream() {
  static dnnl::stream s(engine());
  return s;
}

template <class T>
constexpr type type_of() {
  if constexpr (std::is_same_v<T, float>) return type::f32;
  if constexpr (std::is_same_v<T, std::int8_t>) return type::s8;
  if constexpr (std::is_same_v<T, std::uint8_t>) return type::u8;
  if constexpr (std::is_same_v<T, std::int32_t>) return type::s32;
}

// `values` in the plain layout `plain`, moved into memory described by `wanted`.
template <class T>
dnnl::memory moved(T const* values, dnnl::memory::dims const& dims, tag plain, dnnl::memory::desc const& wanted) {
  dnnl::memory const from({dims, type_of<T>(), plain}, engine(), const_cast<T*>(values));
  dnnl::memory to(wanted, engine());
  dnnl::reorder(from, to).execute(stream(), const_cast<dnnl::memory&>(from), to);
  stream().wait();
  return to;
}
// The contents of `m` as a plain vector of T.
template <class T>
std::vector<T> plain(dnnl::memory const& m, tag layout) {
  auto const dims = m.get_desc().dims();
  index_t n = 1;
  for (auto d : dims) n *= d;
  std::vector<T> v(static_cast<std::size_t>(n));
  dnnl::memory to({dims, type_of<T>(), layout}, engine(), v.data());
  dnnl::memory from = m;
  dnnl::reorder(from, to).execute(stream(), from, to);
  stream().wait();
  return v;
}

// y (M,N) = x (M,K) . w (K,N), both row-major. X, W: float or std::int8_t; Y: float, std::int32_t or std::int8_t.
// arithmetic: what floats are converted to before the clock starts (bf16 or f32). packed: weights in oneDNN's own
// layout. scale: of int8 outputs, one for all channels.
template <class X, class W, class Y>
class matmul {
 public:
  struct options {
    type arithmetic = type::f32;
    bool packed = true;
    float scale = 1;
    bool bias = false;  // zeros, but added
    bool relu = false;
  };

  matmul(index_t m, index_t n, index_t k, std::vector<X> const& x, std::vector<W> const& w)
      : matmul(m, n, k, x, w, {}) {}
  matmul(index_t m, index_t n, index_t k, std::vector<X> const& x, std::vector<W> const& w, options const& o) {
    auto const converted = [&](type t) { return t == type::f32 ? o.arithmetic : t; };
    type const tx = converted(type_of<X>()), tw = converted(type_of<W>()), ty = type_of<Y>();
    dnnl::memory::desc const dx({m, k}, tx, tag::ab), dw({k, n}, tw, o.packed ? tag::any : tag::ab),
        dy({m, n}, ty, tag::ab), db({1, n}, ty == type::f32 ? type::f32 : type::s32, tag::ab);
    dnnl::primitive_attr attr;
    if (o.scale != 1) attr.set_output_scales(0, {o.scale});
    if (o.relu) {
      dnnl::post_ops ops;
      ops.append_eltwise(1.f, dnnl::algorithm::eltwise_relu, 0.f, 0.f);
      attr.set_post_ops(ops);
    }
    dnnl::matmul::desc const d = o.bias ? dnnl::matmul::desc(dx, dw, db, dy) : dnnl::matmul::desc(dx, dw, dy);
    dnnl::matmul::primitive_desc const pd(d, attr, engine());
    x_ = moved(x.data(), {m, k}, tag::ab, pd.src_desc());
    w_ = moved(w.data(), {k, n}, tag::ab, pd.weights_desc());
    y_ = dnnl::memory(pd.dst_desc(), engine());
    run_ = dnnl::matmul(pd);
    arguments_ = {{DNNL_ARG_SRC, x_}, {DNNL_ARG_WEIGHTS, w_}, {DNNL_ARG_DST, y_}};
    if (o.bias) {
      b_ = dnnl::memory(db, engine());
      std::fill_n(static_cast<char*>(b_.get_data_handle()), b_.get_desc().get_size(), char{0});
      arguments_.insert({DNNL_ARG_BIAS, b_});
    }
  }
  void operator()() { run_.execute(stream(), arguments_), stream().wait(); }
  [[nodiscard]] std::vector<Y> result() const { return plain<Y>(y_, tag::ab); }

 private:
  dnnl::memory x_, w_, y_, b_;
  dnnl::primitive run_;
  std::unordered_map<int, dnnl::memory> arguments_;
};

// What a convolution is, with square strides and dilation 1 unless said otherwise; maps are NHWC.
struct convolution_dims {
  index_t n = 1, h, w, c, o, kernel_h = 3, kernel_w = 3, stride = 1;
  index_t pad_top = 1, pad_left = 1, pad_bottom = 1, pad_right = 1, groups = 1, dilation = 1;
  [[nodiscard]] index_t out_h() const {
    return (h + pad_top + pad_bottom - (kernel_h - 1) * dilation - 1) / stride + 1;
  }
  [[nodiscard]] index_t out_w() const {
    return (w + pad_left + pad_right - (kernel_w - 1) * dilation - 1) / stride + 1;
  }
};

// y (N,OH,OW,O) = relu(bias + x (N,H,W,C) * w (O,KH,KW,C / groups)). X: float, std::int8_t or std::uint8_t; Y: float or
// X. arithmetic: bf16 converts floats, outputs too.
template <class X, class W, class Y>
class convolution {
 public:
  struct options {
    dnnl::algorithm algorithm = dnnl::algorithm::convolution_direct;
    type arithmetic = type::f32;
    bool relu = true;
    float scale = 1;  // of int8 outputs
  };

  convolution(convolution_dims const& d, std::vector<X> const& x, std::vector<W> const& w,
              std::vector<float> const& bias)
      : convolution(d, x, w, bias, {}) {}
  convolution(convolution_dims const& d, std::vector<X> const& x, std::vector<W> const& w,
              std::vector<float> const& bias, options const& o) {
    auto const converted = [&](type t) { return t == type::f32 ? o.arithmetic : t; };
    bool const grouped = d.groups > 1;
    dnnl::memory::dims const sx{d.n, d.c, d.h, d.w}, sy{d.n, d.o, d.out_h(), d.out_w()};
    dnnl::memory::dims sw{d.o, d.c, d.kernel_h, d.kernel_w};
    if (grouped) sw = {d.groups, d.o / d.groups, d.c / d.groups, d.kernel_h, d.kernel_w};
    dnnl::memory::desc const dx(sx, converted(type_of<X>()), tag::any), dw(sw, converted(type_of<W>()), tag::any),
        dy(sy, converted(type_of<Y>()), tag::any), db({d.o}, type::f32, tag::a);
    dnnl::primitive_attr attr;
    if (o.relu) {
      dnnl::post_ops ops;
      ops.append_eltwise(1.f, dnnl::algorithm::eltwise_relu, 0.f, 0.f);
      attr.set_post_ops(ops);
    }
    if (o.scale != 1) attr.set_output_scales(0, {o.scale});
    dnnl::convolution_forward::desc const desc(dnnl::prop_kind::forward_inference, o.algorithm, dx, dw, db, dy,
                                               {d.stride, d.stride}, {d.dilation - 1, d.dilation - 1},
                                               {d.pad_top, d.pad_left}, {d.pad_bottom, d.pad_right});
    dnnl::convolution_forward::primitive_desc const pd(desc, attr, engine());
    implementation_ = pd.impl_info_str();
    x_ = moved(x.data(), sx, tag::nhwc, pd.src_desc());
    // By way of the channels-first layout: Winograd's weights are reordered from no other.
    tag const first = grouped ? tag::goihw : tag::oihw;
    dnnl::memory const outermost = moved(w.data(), sw, grouped ? tag::gohwi : tag::ohwi, {sw, type_of<W>(), first});
    w_ = moved(static_cast<W const*>(outermost.get_data_handle()), sw, first, pd.weights_desc());
    b_ = moved(bias.data(), {d.o}, tag::a, pd.bias_desc());
    y_ = dnnl::memory(pd.dst_desc(), engine());
    run_ = dnnl::convolution_forward(pd);
    arguments_ = {{DNNL_ARG_SRC, x_}, {DNNL_ARG_WEIGHTS, w_}, {DNNL_ARG_BIAS, b_}, {DNNL_ARG_DST, y_}};
  }
  void operator()() { run_.execute(stream(), arguments_), stream().wait(); }
  [[nodiscard]] std::vector<Y> result() const { return plain<Y>(y_, tag::nhwc); }
  [[nodiscard]] char const* implementation() const { return implementation_.c_str(); }

 private:
  dnnl::memory x_, w_, b_, y_;
  dnnl::primitive run_;
  std::unordered_map<int, dnnl::memory> arguments_;
  std::string implementation_;
};

}  // namespace bench::onednn
#endif
