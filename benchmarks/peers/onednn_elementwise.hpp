// oneDNN's primitives that go over arrays once, as arms: functions of elements, sums, softmax, normalization, pooling,
// changes of format. Operands lie in petra's layouts, so nothing is reordered.
#pragma once
#if BENCH_ONEDNN
#include <unordered_map>
#include <utility>
#include <vector>

#include "onednn.hpp"

namespace bench::onednn {

// Any primitive with its operands, one of which is the result.
template <class T>
class primitive {
 public:
  primitive(dnnl::primitive run, std::unordered_map<int, dnnl::memory> arguments, int result, tag layout)
      : run_(std::move(run)), arguments_(std::move(arguments)), result_(result), layout_(layout) {}
  void operator()() { run_.execute(stream(), arguments_), stream().wait(); }
  [[nodiscard]] std::vector<T> result() const { return plain<T>(arguments_.at(result_), layout_); }

 private:
  dnnl::primitive run_;
  std::unordered_map<int, dnnl::memory> arguments_;
  int result_;
  tag layout_;
};

// A copy of v; none: uninitialized.
template <class T>
dnnl::memory holding(dnnl::memory::dims const& dims, tag layout, std::vector<T> const& v) {
  dnnl::memory m({dims, type_of<T>(), layout}, engine());
  std::copy(v.begin(), v.end(), static_cast<T*>(m.get_data_handle()));
  return m;
}
template <class T>
dnnl::memory room(dnnl::memory::dims const& dims, tag layout) {
  return holding(dims, layout, std::vector<T>());
}

// y = f(x)
inline primitive<float> eltwise(dnnl::algorithm f, std::vector<float> const& x, float alpha = 0) {
  dnnl::memory::dims const n{static_cast<index_t>(x.size())};
  dnnl::memory const from = holding(n, tag::a, x), to = room<float>(n, tag::a);
  dnnl::eltwise_forward::desc const d(dnnl::prop_kind::forward_inference, f, from.get_desc(), alpha, 0.f);
  dnnl::eltwise_forward const run(dnnl::eltwise_forward::primitive_desc(d, engine()));
  return {run, {{DNNL_ARG_SRC, from}, {DNNL_ARG_DST, to}}, DNNL_ARG_DST, tag::a};
}
// dx = dy f'(x); at: y for algorithms "use_dst_for_bwd", else x. Assigns, where petra accumulates.
inline primitive<float> eltwise_backward(dnnl::algorithm f, bool of_result, std::vector<float> const& at,
                                         std::vector<float> const& dy, float alpha = 0) {
  dnnl::memory::dims const n{static_cast<index_t>(at.size())};
  dnnl::memory const data = holding(n, tag::a, at), from = holding(n, tag::a, dy), to = room<float>(n, tag::a);
  auto const m = data.get_desc();
  dnnl::eltwise_forward::primitive_desc const hint(
      dnnl::eltwise_forward::desc(dnnl::prop_kind::forward_training, f, m, alpha, 0.f), engine());
  dnnl::eltwise_backward const run(
      dnnl::eltwise_backward::primitive_desc(dnnl::eltwise_backward::desc(f, m, m, alpha, 0.f), engine(), hint));
  return {run,
          {{of_result ? DNNL_ARG_DST : DNNL_ARG_SRC, data}, {DNNL_ARG_DIFF_DST, from}, {DNNL_ARG_DIFF_SRC, to}},
          DNNL_ARG_DIFF_SRC,
          tag::a};
}

struct sum_options {
  dnnl::algorithm algorithm = dnnl::algorithm::binary_add;
  bool relu = false;
  float a_scale = 1, b_scale = 1;  // of int8 operands, in units of the output's grid
};
// y = a + b (or another algorithm), then ReLU
template <class T>
primitive<T> binary(std::vector<T> const& a, std::vector<T> const& b, sum_options const& o = {}) {
  dnnl::memory::dims const n{static_cast<index_t>(a.size())};
  dnnl::memory const from = holding(n, tag::a, a), other = holding(n, tag::a, b), to = room<T>(n, tag::a);
  dnnl::primitive_attr attr;
  if (o.a_scale != 1) attr.set_scales(DNNL_ARG_SRC_0, 0, {o.a_scale});
  if (o.b_scale != 1) attr.set_scales(DNNL_ARG_SRC_1, 0, {o.b_scale});
  if (o.relu) {
    dnnl::post_ops ops;
    ops.append_eltwise(1.f, dnnl::algorithm::eltwise_relu, 0.f, 0.f);
    attr.set_post_ops(ops);
  }
  dnnl::binary::desc const d(o.algorithm, from.get_desc(), other.get_desc(), to.get_desc());
  dnnl::binary const run(dnnl::binary::primitive_desc(d, attr, engine()));
  return {run, {{DNNL_ARG_SRC_0, from}, {DNNL_ARG_SRC_1, other}, {DNNL_ARG_DST, to}}, DNNL_ARG_DST, tag::a};
}

// y = softmax of the rows of x (R,C)
inline primitive<float> softmax(index_t rows, index_t cols, std::vector<float> const& x) {
  dnnl::memory::dims const n{rows, cols};
  dnnl::memory const from = holding(n, tag::ab, x), to = room<float>(n, tag::ab);
  dnnl::softmax_forward::desc const d(dnnl::prop_kind::forward_inference, from.get_desc(), 1);
  dnnl::softmax_forward const run(dnnl::softmax_forward::primitive_desc(d, engine()));
  return {run, {{DNNL_ARG_SRC, from}, {DNNL_ARG_DST, to}}, DNNL_ARG_DST, tag::ab};
}
// dx of y and dy (R,C). Assigns.
inline primitive<float> softmax_backward(index_t rows, index_t cols, std::vector<float> const& y,
                                         std::vector<float> const& dy) {
  dnnl::memory::dims const n{rows, cols};
  dnnl::memory const out = holding(n, tag::ab, y), from = holding(n, tag::ab, dy), to = room<float>(n, tag::ab);
  auto const m = out.get_desc();
  dnnl::softmax_forward::primitive_desc const hint(dnnl::softmax_forward::desc(dnnl::prop_kind::forward_training, m, 1),
                                                   engine());
  dnnl::softmax_backward const run(
      dnnl::softmax_backward::primitive_desc(dnnl::softmax_backward::desc(m, m, 1), engine(), hint));
  return {run, {{DNNL_ARG_DST, out}, {DNNL_ARG_DIFF_DST, from}, {DNNL_ARG_DIFF_SRC, to}}, DNNL_ARG_DIFF_SRC, tag::ab};
}

// y = gamma (x - mean) / sqrt(variance + eps) + beta over the rows of x (R,C), one after the other.
inline primitive<float> layer_norm(index_t rows, index_t cols, std::vector<float> const& x,
                                   std::vector<float> const& gamma, std::vector<float> const& beta, float eps) {
  using flags = dnnl::normalization_flags;
  dnnl::memory::dims const n{rows, cols};
  dnnl::memory const from = holding(n, tag::ab, x), to = room<float>(n, tag::ab);
  dnnl::layer_normalization_forward::desc const d(dnnl::prop_kind::forward_inference, from.get_desc(), eps,
                                                  flags::use_scale | flags::use_shift);
  dnnl::layer_normalization_forward const run(dnnl::layer_normalization_forward::primitive_desc(d, engine()));
  return {run,
          {{DNNL_ARG_SRC, from},
           {DNNL_ARG_DST, to},
           {DNNL_ARG_SCALE, holding({cols}, tag::a, gamma)},
           {DNNL_ARG_SHIFT, holding({cols}, tag::a, beta)}},
          DNNL_ARG_DST,
          tag::ab};
}

// x (N,H,W,C) and what oneDNN keeps of it.
struct batch_norm_operands {
  index_t n, h, w, c;
  std::vector<float> x, gamma, beta, dy;
  float eps;
};
inline dnnl::memory scale_shift(batch_norm_operands const& o) {
  std::vector<float> both = o.gamma;
  both.insert(both.end(), o.beta.begin(), o.beta.end());
  return holding({2, o.c}, tag::ab, both);
}
// Training: y and the statistics of the batch.
inline primitive<float> batch_norm(batch_norm_operands const& o) {
  using flags = dnnl::normalization_flags;
  dnnl::memory::dims const dims{o.n, o.c, o.h, o.w};
  dnnl::memory const from = holding(dims, tag::nhwc, o.x), to = room<float>(dims, tag::nhwc);
  dnnl::batch_normalization_forward::desc const d(dnnl::prop_kind::forward_training, from.get_desc(), o.eps,
                                                  flags::use_scale_shift);
  dnnl::batch_normalization_forward const run(dnnl::batch_normalization_forward::primitive_desc(d, engine()));
  return {run,
          {{DNNL_ARG_SRC, from},
           {DNNL_ARG_DST, to},
           {DNNL_ARG_MEAN, room<float>({o.c}, tag::a)},
           {DNNL_ARG_VARIANCE, room<float>({o.c}, tag::a)},
           {DNNL_ARG_SCALE_SHIFT, scale_shift(o)}},
          DNNL_ARG_DST,
          tag::nhwc};
}
// dx, dgamma, dbeta. Assigns.
inline primitive<float> batch_norm_backward(batch_norm_operands const& o, std::vector<float> const& mean,
                                            std::vector<float> const& variance) {
  using flags = dnnl::normalization_flags;
  dnnl::memory::dims const dims{o.n, o.c, o.h, o.w};
  dnnl::memory const x = holding(dims, tag::nhwc, o.x), dy = holding(dims, tag::nhwc, o.dy),
                     dx = room<float>(dims, tag::nhwc);
  auto const both = flags::use_scale_shift;
  auto const m = x.get_desc();
  dnnl::batch_normalization_forward::primitive_desc const hint(
      dnnl::batch_normalization_forward::desc(dnnl::prop_kind::forward_training, m, o.eps, both), engine());
  dnnl::batch_normalization_backward const run(dnnl::batch_normalization_backward::primitive_desc(
      dnnl::batch_normalization_backward::desc(dnnl::prop_kind::backward, m, m, o.eps, both), engine(), hint));
  return {run,
          {{DNNL_ARG_SRC, x},
           {DNNL_ARG_DIFF_DST, dy},
           {DNNL_ARG_DIFF_SRC, dx},
           {DNNL_ARG_MEAN, holding({o.c}, tag::a, mean)},
           {DNNL_ARG_VARIANCE, holding({o.c}, tag::a, variance)},
           {DNNL_ARG_SCALE_SHIFT, scale_shift(o)},
           {DNNL_ARG_DIFF_SCALE_SHIFT, room<float>({2, o.c}, tag::ab)}},
          DNNL_ARG_DIFF_SRC,
          tag::nhwc};
}

// Windows of k x k over x (N,H,W,C), no padding.
struct pool_operands {
  index_t n, h, w, c, k, stride;
  dnnl::algorithm algorithm;
  [[nodiscard]] dnnl::memory::dims in() const { return {n, c, h, w}; }
  [[nodiscard]] dnnl::memory::dims out() const { return {n, c, (h - k) / stride + 1, (w - k) / stride + 1}; }
};
// training: also where the maximum came from.
template <class T>
primitive<T> pool(pool_operands const& o, std::vector<T> const& x, bool training = false) {
  dnnl::memory const from = holding(o.in(), tag::nhwc, x), to = room<T>(o.out(), tag::nhwc);
  dnnl::pooling_forward::desc const d(training ? dnnl::prop_kind::forward_training : dnnl::prop_kind::forward_inference,
                                      o.algorithm, from.get_desc(), to.get_desc(), {o.stride, o.stride}, {o.k, o.k},
                                      {0, 0}, {0, 0});
  dnnl::pooling_forward::primitive_desc const pd(d, engine());
  std::unordered_map<int, dnnl::memory> arguments{{DNNL_ARG_SRC, from}, {DNNL_ARG_DST, to}};
  if (training && o.algorithm == dnnl::algorithm::pooling_max)
    arguments.insert({DNNL_ARG_WORKSPACE, dnnl::memory(pd.workspace_desc(), engine())});
  return {dnnl::pooling_forward(pd), arguments, DNNL_ARG_DST, tag::nhwc};
}
// dx of dy, and of x for the maximum. Assigns.
inline primitive<float> pool_backward(pool_operands const& o, std::vector<float> const& x,
                                      std::vector<float> const& dy) {
  dnnl::memory const from = holding(o.in(), tag::nhwc, x), to = room<float>(o.out(), tag::nhwc);
  dnnl::memory::dims const stride{o.stride, o.stride}, window{o.k, o.k}, none{0, 0};
  dnnl::pooling_forward::primitive_desc const forward(
      dnnl::pooling_forward::desc(dnnl::prop_kind::forward_training, o.algorithm, from.get_desc(), to.get_desc(),
                                  stride, window, none, none),
      engine());
  dnnl::pooling_backward const run(dnnl::pooling_backward::primitive_desc(
      dnnl::pooling_backward::desc(o.algorithm, from.get_desc(), to.get_desc(), stride, window, none, none), engine(),
      forward));
  std::unordered_map<int, dnnl::memory> arguments{{DNNL_ARG_DIFF_DST, holding(o.out(), tag::nhwc, dy)},
                                                  {DNNL_ARG_DIFF_SRC, room<float>(o.in(), tag::nhwc)}};
  if (o.algorithm == dnnl::algorithm::pooling_max) {
    dnnl::memory const from_where(forward.workspace_desc(), engine());
    dnnl::pooling_forward(forward).execute(
        stream(), {{DNNL_ARG_SRC, from}, {DNNL_ARG_DST, to}, {DNNL_ARG_WORKSPACE, from_where}});
    stream().wait();
    arguments.insert({DNNL_ARG_WORKSPACE, from_where});
  }
  return {run, arguments, DNNL_ARG_DIFF_SRC, tag::nhwc};
}

// y = nearest(scale x) + zero, of another type.
template <class From, class To>
primitive<To> convert(std::vector<From> const& x, float scale = 1, std::int32_t zero = 0) {
  dnnl::memory::dims const n{static_cast<index_t>(x.size())};
  dnnl::memory const from = holding(n, tag::a, x), to = room<To>(n, tag::a);
  dnnl::primitive_attr attr;
  attr.set_output_scales(0, {scale});
  if (zero != 0) attr.set_zero_points(DNNL_ARG_DST, 0, {zero});
  return {dnnl::reorder(dnnl::reorder::primitive_desc(from, to, attr)),
          {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}},
          DNNL_ARG_TO,
          tag::a};
}

// Sums over the rows of x (R,C). Assigns.
inline primitive<float> column_sum(index_t rows, index_t cols, std::vector<float> const& x) {
  dnnl::memory const from = holding({rows, cols}, tag::ab, x), to = room<float>({1, cols}, tag::ab);
  dnnl::reduction::desc const d(dnnl::algorithm::reduction_sum, from.get_desc(), to.get_desc(), 0.f, 0.f);
  dnnl::reduction const run(dnnl::reduction::primitive_desc(d, engine()));
  return {run, {{DNNL_ARG_SRC, from}, {DNNL_ARG_DST, to}}, DNNL_ARG_DST, tag::ab};
}

}  // namespace bench::onednn
#endif
