// The rows of the benchmarks of training convolutions, for float and bf16.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "../arms.hpp"
#include "petra/kernel/bf16.hpp"
#include "petra/kernel/conv2d_dims.hpp"
#include "petra/kernel/tags.hpp"
#include "petra/kernel/workspace.hpp"
#include "petra/tensor/tensor.hpp"
#if BENCH_ONEDNN
#include "../peers/onednn_backward.hpp"
#endif

namespace bench {

using petra::kernel::bf16;
using petra::kernel::conv2d_dims;

// (N, H, W, C, O, KH, KW, stride, pad, groups, dilation)
inline constexpr conv2d_dims training_layers[] = {
    {32, 32, 32, 3, 16, 3, 3, 1, 1, 1},  {32, 32, 32, 16, 16, 3, 3, 1, 1, 1}, {32, 32, 32, 16, 32, 3, 3, 2, 1, 1},
    {32, 16, 16, 32, 32, 3, 3, 1, 1, 1}, {32, 16, 16, 32, 64, 3, 3, 2, 1, 1}, {32, 8, 8, 64, 64, 3, 3, 1, 1, 1},
    {32, 32, 32, 16, 32, 1, 1, 2, 0, 1}, {32, 16, 16, 32, 64, 1, 1, 2, 0, 1}, {32, 28, 28, 16, 16, 3, 3, 1, 1, 1}};
inline constexpr conv2d_dims large_layers[] = {{1, 56, 56, 64, 64, 3, 3, 1, 1, 1},
                                               {1, 28, 28, 128, 128, 3, 3, 1, 1, 1}};
// Series of 144 steps, as those of InceptionTime (9, 19 and 39 taps, channels 24 to 32), and causal ones with dilation,
// as those of a temporal convolutional network.
inline constexpr conv2d_dims series_layers[] = {
    {64, 1, 144, 32, 32, 1, 39, 1, {0, 0, 19, 19}, 1},       {64, 1, 144, 32, 32, 1, 19, 1, {0, 0, 9, 9}, 1},
    {64, 1, 144, 32, 32, 1, 9, 1, {0, 0, 4, 4}, 1},          {64, 1, 144, 24, 32, 1, 40, 1, {0, 0, 19, 20}, 1},
    {32, 1, 100, 32, 32, 1, 3, 1, {0, 0, 1, 1}, 1},          {32, 1, 128, 32, 32, 1, 3, 1, {0, 0, 4, 0}, 1, {1, 2}},
    {32, 1, 128, 32, 32, 1, 7, 1, {0, 0, 24, 0}, 1, {1, 4}}, {32, 1, 128, 64, 64, 1, 3, 1, {0, 0, 16, 0}, 1, {1, 8}},
    {32, 1, 256, 16, 16, 1, 8, 1, {0, 0, 7, 0}, 1}};
// Groups as those of ResNeXt and ShuffleNet, depthwise layers of MobileNetV1 x 0.25 and DS-CNN, larger kernels, dilation.
inline constexpr conv2d_dims grouped_layers[] = {
    {32, 16, 16, 16, 16, 3, 3, 1, 1, 4},  {32, 16, 16, 32, 32, 3, 3, 1, 1, 4},   {32, 16, 16, 32, 32, 3, 3, 1, 1, 8},
    {32, 16, 16, 64, 64, 3, 3, 1, 1, 4},  {32, 16, 16, 64, 64, 3, 3, 1, 1, 8},   {32, 16, 16, 32, 64, 3, 3, 2, 1, 4},
    {32, 16, 16, 64, 64, 1, 1, 1, 0, 4},  {32, 16, 16, 128, 128, 3, 3, 1, 1, 4}, {32, 16, 16, 64, 64, 3, 3, 1, 1, 64},
    {32, 24, 24, 32, 32, 3, 3, 2, 1, 32}, {32, 3, 3, 256, 256, 3, 3, 1, 1, 256}};
inline constexpr conv2d_dims other_layers[] = {{32, 16, 16, 32, 32, 5, 5, 1, 2, 1},
                                               {32, 16, 16, 32, 32, 3, 3, 1, 2, 1, 2},
                                               {32, 16, 16, 32, 32, 4, 4, 1, {1, 2, 1, 2}, 1},
                                               {32, 16, 16, 32, 64, 1, 1, 1, 0, 1}};

enum class training_pass { forward, data, weight };
inline constexpr char const* pass_names[] = {"forward", "data", "weight"};

// One pass; the operands in T, the reference in float on the same numbers.
template <class T, class Tag>
class training_conv {
 public:
  training_conv(conv2d_dims const& dims, training_pass p)
      : d_(dims),
        pass_(p),
        x_(petra::shape(d_.n * d_.h * d_.w * d_.c)),
        w_(petra::shape(d_.o * d_.patch())),
        y_(petra::shape(d_.n * d_.out_h() * d_.out_w() * d_.o)),
        dw_(petra::shape(d_.o * d_.patch())) {
    fill(x_, 1, pass_ == training_pass::data);
    fill(w_, 2, false);
    fill(y_, 3, pass_ == training_pass::forward);
    for (float& v : dw_) v = 0;
  }
  void operator()() {
    using namespace petra::kernel;
    if (pass_ == training_pass::forward)
      conv2d(Tag{}, d_, x_.data(), w_.data(), static_cast<float const*>(nullptr), y_.data(), scratch_);
    else if (pass_ == training_pass::data)
      conv2d_backward_data(Tag{}, d_, y_.data(), w_.data(), x_.data(), scratch_);
    else
      conv2d_backward_weight(Tag{}, d_, x_.data(), y_.data(), dw_.data(), scratch_);
  }
  // Of the first call: the gradients are added to.
  [[nodiscard]] std::vector<float> result() const {
    std::vector<float> v;
    if (pass_ == training_pass::weight) return {dw_.begin(), dw_.end()};
    for (T const& e : pass_ == training_pass::data ? x_ : y_) v.push_back(value(e));
    return v;
  }

 private:
  static float value(float e) { return e; }
  static float value(bf16 e) { return to_float(e); }
  static void fill(petra::tensor<T>& t, std::uint64_t key, bool zero) {
    auto const v = floats(t.size(), key);
    for (index_t i = 0; i < t.size(); ++i) {
      // All arms multiply numbers that bf16 can hold.
      bf16 const e = petra::kernel::to_bf16(zero ? 0.f : v[static_cast<std::size_t>(i)]);
      if constexpr (std::is_same_v<T, bf16>)
        t.data()[i] = e;
      else
        t.data()[i] = to_float(e);
    }
  }

  conv2d_dims d_;
  training_pass pass_;
  petra::tensor<T> x_, w_, y_;
  petra::tensor<float> dw_;
  petra::kernel::workspace scratch_;
};

#if BENCH_ONEDNN
inline onednn::training_convolution onednn_conv(conv2d_dims const& d, training_pass p, bool narrow) {
  auto const draw = [](index_t n, std::uint64_t key) {
    auto v = floats(n, key);
    for (float& e : v) e = to_float(petra::kernel::to_bf16(e));
    return v;
  };
  auto const x = draw(d.n * d.h * d.w * d.c, 1), w = draw(d.o * d.patch(), 2);
  auto const y = draw(d.n * d.out_h() * d.out_w() * d.o, 3);
  return p == training_pass::forward ? onednn::training_convolution(d, onednn::conv_pass::forward, narrow, x, w)
         : p == training_pass::data  ? onednn::training_convolution(d, onednn::conv_pass::data, narrow, y, w)
                                     : onednn::training_convolution(d, onednn::conv_pass::weight, narrow, x, y);
}
#endif

// Rows conv2d_<pass>[_bf16]/<c>to<o>_<h>x<w>_k<kernel>_s<stride>_b<batch> of all passes; series conv1d_<pass>/<c>to<o>_
// <steps>_k<taps>_d<dilation>_b<batch>.
template <class T>
void enroll(conv2d_dims const& d) {
  constexpr bool narrow = std::is_same_v<T, bf16>;
  auto const t = [](index_t i) { return std::to_string(i); };
  for (auto const p : {training_pass::forward, training_pass::data, training_pass::weight}) {
    bool const series = d.h == 1 && d.kernel_h == 1 && d.kernel_w > 1;
    row r{.name = std::string(series ? "conv1d_" : "conv2d_") + pass_names[int(p)] + (narrow ? "_bf16" : "_f32"),
          .shape = t(d.c) + "to" + t(d.o) +
                   (series ? "_" + t(d.w) + "_k" + t(d.kernel_w)
                           : "_" + t(d.h) + "x" + t(d.w) + "_k" + t(d.kernel_h) + "_s" + t(d.stride.w)) +
                   (series || d.dilation.w > 1 ? "_d" + t(d.dilation.w) : "") +
                   (d.groups > 1 ? "_g" + t(d.groups) : "") + "_b" + t(d.n),
          .operations = 2. * static_cast<double>(d.macs()),
          .peak = narrow ? peak::bf16 : peak::f32};
    if (narrow) r.tolerance = 1e-2;  // one rounding of the result, 2^-9, and twice that between petra and oneDNN
    r.arm("reference", [=] { return training_conv<T, petra::kernel::scalar_tag>(d, p); });
    r.arm("petra_dynamic", [=] { return training_conv<T, petra::kernel::simd_tag>(d, p); });
#if BENCH_ONEDNN
    r.arm("onednn", [=] { return onednn_conv(d, p, narrow); });
#endif
  }
}

}  // namespace bench
