// XNNPACK's convolutions as arms: f32, and int8 with a factor per channel; depthwise where groups say so.
#pragma once
#include "xnnpack.hpp"
#if BENCH_XNNPACK
#include <type_traits>

namespace bench::xnnpack {

// y (N,OH,OW,O) = relu(bias + x (N,H,W,C) * w (O,KH,KW,C / groups)). T: float or std::int8_t; int8 with in_zero and
// out_zero -128 and the factor `scale`.
template <class T, class Dims>
class convolution {
 public:
  convolution(Dims const& d, std::vector<T> const& x, std::vector<T> const& w,
              std::vector<std::conditional_t<std::is_same_v<T, float>, float, std::int32_t>> const& bias,
              float scale = 1.f)
      : x_(padded(x)),
        y_(static_cast<std::size_t>(d.n * d.out_h() * d.out_w() * d.o) + XNN_EXTRA_BYTES),
        outputs_(static_cast<std::size_t>(d.n * d.out_h() * d.out_w() * d.o)) {
    auto const u = [](index_t i) { return static_cast<std::uint32_t>(i); };
    auto const z = [](index_t i) { return static_cast<std::size_t>(i); };
    bool const depthwise = d.groups > 1 && d.groups == d.c && d.groups == d.o;
    std::vector<T> turned = w;  // depthwise: (KH,KW,C)
    index_t const taps = d.kernel_h * d.kernel_w;
    if (depthwise)
      for (index_t c = 0; c < d.c; ++c)
        for (index_t k = 0; k < taps; ++k) turned[z(k * d.c + c)] = w[z(c * taps + k)];
    std::uint32_t const flags = depthwise ? XNN_FLAG_DEPTHWISE_CONVOLUTION : 0;
    if constexpr (std::is_same_v<T, float>) {
      xnn_create_convolution2d_nhwc_f32(
          u(d.pad_top), u(d.pad_right), u(d.pad_bottom), u(d.pad_left), u(d.kernel_h), u(d.kernel_w), u(d.stride),
          u(d.stride), u(d.dilation), u(d.dilation), u(d.groups), z(d.c / d.groups), z(d.o / d.groups), z(d.c), z(d.o),
          turned.data(), bias.data(), 0.f, std::numeric_limits<float>::infinity(), flags, &op_);
      xnn_setup_convolution2d_nhwc_f32(op_, z(d.n), z(d.h), z(d.w), x_.data(), y_.data(), nullptr);
    } else {
      std::vector<float> const scales(z(d.o), scale);
      xnn_create_convolution2d_nhwc_qc8(u(d.pad_top), u(d.pad_right), u(d.pad_bottom), u(d.pad_left), u(d.kernel_h),
                                        u(d.kernel_w), u(d.stride), u(d.stride), u(d.dilation), u(d.dilation),
                                        u(d.groups), z(d.c / d.groups), z(d.o / d.groups), z(d.c), z(d.o), -128, 1.f,
                                        scales.data(), turned.data(), bias.data(), -128, 1.f, -128, 127, flags, &op_);
      xnn_setup_convolution2d_nhwc_qc8(op_, z(d.n), z(d.h), z(d.w), x_.data(), y_.data(), nullptr);
    }
  }
  void operator()() { op_.run(); }
  [[nodiscard]] lines<T> result() const { return {y_.begin(), y_.begin() + static_cast<std::ptrdiff_t>(outputs_)}; }

 private:
  lines<T> x_, y_;
  std::size_t outputs_;
  operation op_;
};

}  // namespace bench::xnnpack
#endif
