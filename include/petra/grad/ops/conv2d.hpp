// Two-dimensional convolution, channels-last.
// y (N,OH,OW,O) = x (N,H,W,C) * w (O,KH,KW,C/groups) + b (O), zero padding; w is a matrix (O, KH*KW*C/groups).
#pragma once
#include "petra/grad/ops/example.hpp"
#include "petra/kernel/simd/column_sum.hpp"
#include "petra/kernel/simd/conv2d.hpp"

namespace petra::inline PETRA_ABI::ops {

// Dims: conv2d_dims, or ungrouped_dims where one group is all there ever is.
template <class Dims>
struct conv2d_of {
  Dims d;
  template <scalar T>
  void forward(tape<T>& t, node<T> const& y) const {
    T const* const bias = y.in[2] ? t.value(y.in[2]) : nullptr;
    kernel::conv2d(kernel::best, d, t.value(y.in[0]), t.value(y.in[1]), bias, y.value, t.scratch());
  }
  template <scalar T>
  void pullback(tape<T>& t, node<T> const& y) const {
    if (T* const g = t.add_to(y.in[0]); g != nullptr)
      kernel::conv2d_backward_data(kernel::best, d, y.grad, t.value(y.in[1]), g, t.scratch());
    if (T* const g = t.add_to(y.in[1]); g != nullptr)
      kernel::conv2d_backward_weight(kernel::best, d, t.value(y.in[0]), y.grad, g, t.scratch());
    if (T* const g = t.add_to(y.in[2]); g != nullptr) kernel::column_sum(kernel::best, y.shape.rows(), d.o, y.grad, g);
  }
  template <scalar T>
  static var example(tape<T>& t, random& r);
};
using conv2d_op = conv2d_of<kernel::conv2d_dims>;

struct conv2d_settings {
  index_t kernel = 3;
  petra::kernel::conv_step stride = 1;
  petra::kernel::conv_pad pad = 1;
  index_t groups = 1;
  petra::kernel::conv_step dilation = 1;
  index_t kernel_w = 0;  // 0: as `kernel`
};

// Throws: shape_error when x is no (N,H,W,C), its channels do not fit w, groups do not divide the outputs, a bias is not one
// number per output, or the kernel does not fit the padded picture.
// Pre: kernel, stride, dilation and groups >= 1, pad >= 0; with ungrouped_dims groups is 1.
template <class Dims = kernel::conv2d_dims, scalar T>
var conv2d(tape<T>& t, var x, var w, var bias, conv2d_settings const& s) {
  auto const& in = t.shape(x);
  index_t const wide = s.kernel_w == 0 ? s.kernel : s.kernel_w, taps = s.kernel * wide,
                c = t.shape(w).back() / taps * s.groups, o = t.shape(w)[0];
  if (in.rank != 4 || in[3] != c || t.shape(w).back() % taps != 0)
    throw_error<shape_error>({"conv2d: expected (N,H,W,", c, ") for a weight of ", t.shape(w).back(),
                              " columns, found ", in.rank, " axes with ", in.back(), " channels"});
  if (o % s.groups != 0)
    throw_error<shape_error>({"conv2d: expected a multiple of ", s.groups, " (groups) output channels, found ", o});
  if (bias && t.shape(bias).count() != o)
    throw_error<shape_error>({"conv2d: expected ", o, " biases, found ", t.shape(bias).count()});
  Dims const d{kernel::conv2d_dims{in[0], in[1], in[2], c, o, s.kernel, wide, s.stride, s.pad, s.groups, s.dilation}};
  // Not out_h() < 1: with a stride above 1 its division rounds a negative room up to 0.
  index_t const h = d.reach_h() - d.pad.top - d.pad.bottom, v = d.reach_w() - d.pad.left - d.pad.right;
  if (in[1] < h || in[2] < v)
    throw_error<shape_error>(
        {"conv2d: expected a picture of at least ", h, " x ", v, " pixels, found ", in[1], " x ", in[2]});
  return t.push(conv2d_of<Dims>{d}, {d.n, d.out_h(), d.out_w(), d.o}, {x, w, bias, var{}});
}

template <class Dims>
template <scalar T>
var conv2d_of<Dims>::example(tape<T>& t, random& r) {
  var const x = draw(t, r, {2, 5, 4, 4});
  var const y = conv2d(t, x, draw(t, r, {3, 36}), draw(t, r, {1, 3}), {3, 1, 1, 1});
  var const z = conv2d(t, y, draw(t, r, {6, 3 * 9 / 3}), var{}, {3, 2, 1, 3});          // grouped, stride 2
  var const u = conv2d(t, z, draw(t, r, {6, 9}), var{}, {3, 1, 1, 6});                  // depthwise
  return conv2d(t, u, draw(t, r, {2, 36}), var{}, {2, 1, {0, 1, 2, 3}, 1, {1, 2}, 3});  // 2 x 3, dilated to the right
}

}  // namespace petra::ops
