// Two-dimensional convolution, channels-last.
// y (N,OH,OW,O) = x (N,H,W,C) * w (O,KH,KW,C/groups) + b (O), zero padding; w is a matrix (O, KH*KW*C/groups).
#pragma once
#include "petra/grad/ops/example.hpp"
#include "petra/grad/ops/partial_sums.hpp"
#include "petra/kernel/simd/column_sum.hpp"
#include "petra/kernel/simd/conv2d.hpp"

namespace petra::inline PETRA_ABI::ops {

// Dims: conv2d_dims, or ungrouped_dims where one group is all there ever is.
template <class Dims>
struct conv2d_of {
  static constexpr bool puts_off = true;
  Dims d;
  products const* bf16 = nullptr;

  // Numbers of a sample, of the input and of the output.
  [[nodiscard]] index_t in() const { return d.h * d.w * d.c; }
  [[nodiscard]] index_t out() const { return d.out_h() * d.out_w() * d.o; }
  [[nodiscard]] Dims of(slice const& s) const {
    Dims part = d;
    part.n = s.count();
    return part;
  }
  template <scalar T>
  void forward(tape<T>& t, node<T> const& y) const {
    T const* const packed = pack(t, t.value(y.in[1]));
    T const* const bias = y.in[2] ? t.value(y.in[2]) : nullptr;
    T const* const x = t.place(y.in[0]);
    index_t const most = std::max(in(), out());
    t.later(y, pieces_of_values(d.n, most), most, [op = *this, x, packed, bias, to = y.value](slice const& s) {
      T const* const from = x + s.first * op.in();
      T* const result = to + s.first * op.out();
      if constexpr (std::same_as<T, float>)
        if (op.bf16 != nullptr) return op.bf16->conv2d(op.of(s), from, packed, bias, result, s.scratch);
      kernel::conv2d_packed(kernel::best, op.of(s), from, packed, bias, result, s.scratch);
    });
  }
  template <scalar T>
  void pullback(tape<T>& t, node<T> const& y) const {
    index_t const most = std::max(in(), out());
    pieces const p = pieces_of_values(d.n, most);
    T const *const x = t.place(y.in[0]), *const dy = y.grad;
    auto const gx = t.sink(y.in[0]), gw = t.sink(y.in[1]), gb = t.sink(y.in[2]);
    T const* const packed = gx.data != nullptr ? pack_gradient(t, t.value(y.in[1])) : nullptr;
    partial_sums<T> const dw(t, gw, p, d.o * d.patch()), db(t, gb, p, d.o);
    t.later(p, most, [op = *this, x, dy, gx, packed, dw, db](slice const& s) {
      T const* const g = dy + s.first * op.out();
      if (dw) op.add_to_weight(op.of(s), x + s.first * op.in(), g, dw.of(s), s.scratch);
      if (db) kernel::column_sum(kernel::best, s.count() * op.out() / op.d.o, op.d.o, g, db.of(s));
      if (gx.data != nullptr) op.to_input(op.of(s), g, packed, gx.data + s.first * op.in(), !gx.fresh, s.scratch);
    });
    dw.finish(t, y.in[1]);
    db.finish(t, y.in[2]);
  }

 private:
  template <scalar T>
  [[gnu::cold]] T const* pack(tape<T>& t, T const* w) const {
    if constexpr (std::same_as<T, float>)
      if (bf16 != nullptr) {
        float* const packed = t.take(bf16->packed_conv2d_size(d));
        bf16->pack_conv2d(d, w, packed, t.scratch());
        return packed;
      }
    T* const packed = t.take(kernel::packed_conv2d_size(kernel::best, d));
    kernel::pack_conv2d(kernel::best, d, w, packed);
    return packed;
  }
  template <scalar T>
  [[gnu::cold]] T const* pack_gradient(tape<T>& t, T const* w) const {
    if constexpr (std::same_as<T, float>)
      if (bf16 != nullptr) {
        float* const packed = t.take(bf16->packed_conv2d_gradient_size(d));
        bf16->pack_conv2d_gradient(d, w, packed, t.scratch());
        return packed;
      }
    T* const packed = t.take(kernel::packed_conv2d_gradient_size(kernel::best, d));
    kernel::pack_conv2d_gradient(kernel::best, d, w, packed);
    return packed;
  }
  template <scalar T>
  void add_to_weight(Dims const& part, T const* x, T const* dy, T* dw, kernel::workspace& scratch) const {
    if constexpr (std::same_as<T, float>)
      if (bf16 != nullptr) return bf16->conv2d_backward_weight(part, x, dy, dw, scratch);
    kernel::conv2d_backward_weight(kernel::best, part, x, dy, dw, scratch);
  }
  template <scalar T>
  void to_input(Dims const& part, T const* dy, T const* packed, T* dx, bool accumulate,
                kernel::workspace& scratch) const {
    if constexpr (std::same_as<T, float>)
      if (bf16 != nullptr) return bf16->conv2d_backward_data(part, dy, packed, dx, accumulate, scratch);
    kernel::conv2d_backward_data_packed(kernel::best, part, dy, packed, dx, accumulate, scratch);
  }

 public:
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
  return t.push(conv2d_of<Dims>{d, t.bf16}, {d.n, d.out_h(), d.out_w(), d.o}, {x, w, bias, var{}});
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
