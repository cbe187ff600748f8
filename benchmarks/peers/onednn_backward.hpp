// oneDNN's training convolutions as arms of a benchmark: forward, backward data and backward weights, float and bf16.
//
// Activations, weights and gradients are in the layout that the primitive likes best (format `any`); reorders from and
// to petra's layout (channels last, weights O,KH,KW,C) happen before and after the timing. bf16: activations and their
// gradients are bf16, the gradient of the weights is float, as in petra.
#pragma once
#include <dnnl.hpp>
#include <unordered_map>
#include <vector>

#include "petra/kernel/conv2d_dims.hpp"

namespace bench::onednn {

enum class conv_pass { forward, data, weight };

class training_convolution {
 public:
  // a, b: the two operands, floats in petra's layout: x and w; dy and w; x and dy.
  training_convolution(petra::kernel::conv2d_dims const& d, conv_pass pass, bool bf16, std::vector<float> const& a,
                       std::vector<float> const& b) {
    using dnnl::memory;
    using tag = memory::format_tag;
    auto const narrow = bf16 ? memory::data_type::bf16 : memory::data_type::f32;
    auto const wide = memory::data_type::f32;
    bool const grouped = d.groups > 1;
    memory::dims const xs{d.n, d.c, d.h, d.w}, ys{d.n, d.o, d.out_h(), d.out_w()};
    memory::dims const ws = grouped ? memory::dims{d.groups, d.group_o(), d.group_c(), d.kernel_h, d.kernel_w}
                                    : memory::dims{d.o, d.c, d.kernel_h, d.kernel_w};
    memory::dims const strides{d.stride.h, d.stride.w}, apart{d.dilation.h - 1, d.dilation.w - 1};
    memory::dims const before{d.pad.top, d.pad.left}, after{d.pad.bottom, d.pad.right};
    auto const any = [&](memory::dims const& dims, memory::data_type t) { return memory::desc(dims, t, tag::any); };
    memory::desc const x_plain(xs, wide, tag::nhwc), w_plain(ws, wide, grouped ? tag::gohwi : tag::ohwi),
        y_plain(ys, wide, tag::nhwc);
    auto const algorithm = dnnl::algorithm::convolution_direct;
    dnnl::convolution_forward::primitive_desc const forward(
        {dnnl::prop_kind::forward_training, algorithm, any(xs, narrow), any(ws, narrow), any(ys, narrow), strides,
         apart, before, after},
        engine_);
    switch (pass) {
      case conv_pass::forward:
        primitive_ = dnnl::convolution_forward(forward);
        bind(forward.src_desc(), x_plain, a, DNNL_ARG_SRC);
        bind(forward.weights_desc(), w_plain, b, DNNL_ARG_WEIGHTS);
        bind_result(forward.dst_desc(), y_plain, DNNL_ARG_DST);
        break;
      case conv_pass::data: {
        dnnl::convolution_backward_data::primitive_desc const p(
            {algorithm, any(xs, narrow), any(ws, narrow), any(ys, narrow), strides, apart, before, after}, engine_,
            forward);
        primitive_ = dnnl::convolution_backward_data(p);
        bind(p.diff_dst_desc(), y_plain, a, DNNL_ARG_DIFF_DST);
        bind(p.weights_desc(), w_plain, b, DNNL_ARG_WEIGHTS);
        bind_result(p.diff_src_desc(), x_plain, DNNL_ARG_DIFF_SRC);
        break;
      }
      case conv_pass::weight: {
        dnnl::convolution_backward_weights::primitive_desc const p(
            {algorithm, any(xs, narrow), any(ws, wide), any(ys, narrow), strides, apart, before, after}, engine_,
            forward);
        primitive_ = dnnl::convolution_backward_weights(p);
        bind(p.src_desc(), x_plain, a, DNNL_ARG_SRC);
        bind(p.diff_dst_desc(), y_plain, b, DNNL_ARG_DIFF_DST);
        bind_result(p.diff_weights_desc(), w_plain, DNNL_ARG_DIFF_WEIGHTS);
        break;
      }
    }
  }

  void operator()() {
    primitive_.execute(stream_, arguments_);
    stream_.wait();
  }

  // The output in petra's layout.
  [[nodiscard]] std::vector<float> result() {
    std::vector<float> plain(plain_.get_size() / sizeof(float));
    dnnl::memory to(plain_, engine_, plain.data());
    dnnl::reorder(output_, to).execute(stream_, output_, to);
    stream_.wait();
    return plain;
  }

 private:
  void bind(dnnl::memory::desc const& like, dnnl::memory::desc const& plain, std::vector<float> const& values,
            int arg) {
    std::vector<float> copy = values;
    dnnl::memory from(plain, engine_, copy.data()), to(like, engine_);
    dnnl::reorder(from, to).execute(stream_, from, to);
    stream_.wait();
    arguments_.insert({arg, to});
  }
  void bind_result(dnnl::memory::desc const& like, dnnl::memory::desc const& plain, int arg) {
    plain_ = plain;
    output_ = dnnl::memory(like, engine_);
    arguments_.insert({arg, output_});
  }

  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_{engine_};
  dnnl::primitive primitive_;
  dnnl::memory::desc plain_;
  dnnl::memory output_;
  std::unordered_map<int, dnnl::memory> arguments_;
};

}  // namespace bench::onednn
