// oneDNN's primitives in a row as an arm: a model of runtime/layer_chain.hpp, the whole batch in each primitive.
//
// Layouts are those oneDNN prefers, from layer to layer, with a reorder where two disagree; input and weights are
// reordered before the clock starts. Additions and ReLUs are post-operations of the convolution before them, which
// writes over the shortcut. Integers: activations unsigned with zero point 0, which is petra's -128; a rounding of float
// factors, so results differ by some steps.
#pragma once
#if BENCH_ONEDNN
#include "../runtime/layer_chain.hpp"
#include "onednn.hpp"

namespace bench::onednn {

template <class T>
class model_chain {
  static constexpr bool is_float = std::is_same_v<T, float>;
  using activation = std::conditional_t<is_float, float, std::uint8_t>;
  using dims = dnnl::memory::dims;
  using desc = dnnl::memory::desc;

 public:
  static constexpr double tolerance = is_float ? 1e-3 : 0.15;

  // winograd: where it is there for a convolution.
  model_chain(chain::model<T> const& m, int images, bool winograd)
      : model_(m), images_(images), winograd_(winograd), values_(m.maps.size()) {
    for (chain::layer<T> const& l : model_.layers)
      if (l.what == chain::kind::mean)
        mean(l);
      else
        convolution(l);
  }
  void operator()() {
    for (auto& s : steps_) s.first.execute(stream(), s.second);
    stream().wait();
  }
  [[nodiscard]] std::vector<T> result() const {
    std::vector<T> y;
    for (activation v : plain<activation>(values_.back(), tag::nhwc))
      y.push_back(is_float ? static_cast<T>(v) : static_cast<T>(v - 128));
    return y;
  }

 private:
  [[nodiscard]] dims size(int i) const {
    auto const f = model_.at(i);
    return {images_, f.c, f.h, f.w};
  }
  dnnl::memory& value(int i) { return values_[static_cast<std::size_t>(i)]; }
  // Map i in the layout that a primitive wants.
  dnnl::memory input(int i, desc const& wanted) {
    dnnl::memory& v = value(i);
    if (!v) {  // the batch
      std::vector<activation> all;
      for (int n = 0; n < images_; ++n)
        for (T e : chain::image<T>(model_.at(i), n))
          all.push_back(is_float ? static_cast<activation>(e) : static_cast<activation>(e + 128));
      v = moved(all.data(), size(i), tag::nhwc, wanted);
    }
    if (v.get_desc() == wanted) return v;
    dnnl::memory to(wanted, engine());
    steps_.push_back({dnnl::reorder(v, to), {{DNNL_ARG_FROM, v}, {DNNL_ARG_TO, to}}});
    return to;
  }
  void mean(chain::layer<T> const& l) {
    auto const f = model_.at(l.x);
    desc const from = value(l.x).get_desc(), to(size(l.y), type_of<activation>(), tag::any);
    dnnl::pooling_forward::desc const d(dnnl::prop_kind::forward_inference,
                                        dnnl::algorithm::pooling_avg_exclude_padding, from, to, {1, 1}, {f.h, f.w},
                                        {0, 0}, {0, 0});
    dnnl::pooling_forward::primitive_desc const pd(d, engine());
    value(l.y) = dnnl::memory(pd.dst_desc(), engine());
    steps_.push_back({dnnl::pooling_forward(pd), {{DNNL_ARG_SRC, value(l.x)}, {DNNL_ARG_DST, value(l.y)}}});
  }
  void convolution(chain::layer<T> const& l) {
    auto const in = model_.at(l.x), out = model_.at(l.y);
    bool const grouped = l.groups > 1;
    dims sw{out.c, in.c, l.kernel_h, l.kernel_w};
    if (grouped) sw = {l.groups, out.c / l.groups, in.c / l.groups, l.kernel_h, l.kernel_w};
    desc const dx(size(l.x), type_of<activation>(), tag::any), dw(sw, type_of<T>(), tag::any),
        db({out.c}, type::f32, tag::a);
    desc const dy = l.added >= 0 ? value(l.added).get_desc() : desc(size(l.y), type_of<activation>(), tag::any);
    dnnl::primitive_attr attr;
    dnnl::post_ops ops;
    if (l.added >= 0) ops.append_sum(1.f);
    if (is_float && (l.relu || l.added >= 0)) ops.append_eltwise(1.f, dnnl::algorithm::eltwise_relu, 0.f, 0.f);
    attr.set_post_ops(ops);
    float const own = l.added >= 0 ? static_cast<float>(chain::own_step / chain::added_step) : 1.f;
    if (!is_float) attr.set_output_scales(0, {l.scale * own});
    auto const bottom = [&](index_t from, index_t to, index_t kernel) {
      return (to - 1) * l.stride + kernel - l.pad - from;  // less than none where inputs are left over
    };
    auto const made = [&](dnnl::algorithm a) {
      dnnl::convolution_forward::desc const d(dnnl::prop_kind::forward_inference, a, dx, dw, db, dy,
                                              {l.stride, l.stride}, {0, 0}, {l.pad, l.pad},
                                              {bottom(in.h, out.h, l.kernel_h), bottom(in.w, out.w, l.kernel_w)});
      return dnnl::convolution_forward::primitive_desc(d, attr, engine());
    };
    dnnl::convolution_forward::primitive_desc pd = made(dnnl::algorithm::convolution_direct);
    if (winograd_ && l.kernel_h == 3 && l.stride == 1 && !grouped && in.c >= 16) try {
        pd = made(dnnl::algorithm::convolution_winograd);
      } catch (dnnl::error const&) {  // not with this post-operation
      }
    dnnl::memory const x = input(l.x, pd.src_desc());
    tag const first = grouped ? tag::goihw : tag::oihw;
    dnnl::memory const outermost = moved(l.w.data(), sw, grouped ? tag::gohwi : tag::ohwi, {sw, type_of<T>(), first});
    dnnl::memory const w = moved(static_cast<T const*>(outermost.get_data_handle()), sw, first, pd.weights_desc());
    std::vector<float> const bias(l.bias.begin(), l.bias.end());
    value(l.y) = l.added >= 0 ? value(l.added) : dnnl::memory(pd.dst_desc(), engine());
    steps_.push_back({dnnl::convolution_forward(pd),
                      {{DNNL_ARG_SRC, x},
                       {DNNL_ARG_WEIGHTS, w},
                       {DNNL_ARG_BIAS, moved(bias.data(), {out.c}, tag::a, pd.bias_desc())},
                       {DNNL_ARG_DST, value(l.y)}}});
  }

  chain::model<T> model_;
  int images_;
  bool winograd_;
  std::vector<dnnl::memory> values_;
  std::vector<std::pair<dnnl::primitive, std::unordered_map<int, dnnl::memory>>> steps_;
};

}  // namespace bench::onednn
#endif
