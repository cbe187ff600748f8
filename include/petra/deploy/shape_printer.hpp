// Extents of kernels as source.
#pragma once
#include <concepts>
#include <string>

#include "petra/deploy/emit_literals.hpp"
#include "petra/deploy/step.hpp"

namespace petra::inline PETRA_ABI::deploy {

// {1, 2, {3, 4}}: an aggregate of integers, in the order of its members.
class shape_printer {
 public:
  explicit shape_printer(std::string& out) : out_(out) {}

  template <class... T>
  [[gnu::cold]] void all(T const&... member) {
    all_but_last(false, member...);
  }

  void operator()(rt::feature_map const& m) { all_but_last(m.halo_h == m.halo, m.h, m.w, m.c, m.halo, m.halo_h); }
  template <class T, std::size_t N>
  void operator()(T const (&list)[N]) {
    out_ += '{';
    for (std::size_t i = 0; i < N; ++i) out_ += i == 0 ? "" : ", ", (*this)(list[i]);
    out_ += '}';
  }
  void operator()(rt::series_map const& m) { all(m.w, m.c, m.left, m.right); }
  void operator()(rt::requant const& q) { all(q.multiplier, q.shift); }
  void operator()(rt::map_pair const& s) { all(s.in, s.out); }
  void operator()(rt::requantize_shape const& s) {
    all(s.in, s.out, s.in_zero, s.scale, s.out_zero, s.out_min, s.out_max);
  }
  void operator()(rt::conv_shape const& s) {
    window(s, s.in, s.out, s.kernel_h, s.kernel_w, s.stride, s.pad, s.groups, s.out_zero, s.out_min, s.out_max,
           s.pad_h);
  }
  void operator()(rt::linear_sum const& s) { all(s.a_factor, s.b_factor, s.start, s.right); }
  void operator()(rt::conv_add_shape const& s) {
    rt::conv_shape const& conv = s;
    all(conv, s.added, s.added_zero, s.left_shift, s.own_scale, s.added_scale, s.sum_scale, s.sum_zero, s.sum_min,
        s.sum_max, s.linear);
  }
  void operator()(rt::conv_f32_shape const& s) {
    window(s, s.in, s.out, s.kernel_h, s.kernel_w, s.stride, s.pad, s.groups, s.relu, s.pad_h);
  }
  void operator()(rt::add_shape const& s) {
    all(s.a, s.b, s.out, s.a_zero, s.b_zero, s.left_shift, s.a_scale, s.b_scale, s.out_scale, s.out_zero, s.out_min,
        s.out_max, s.linear);
  }
  void operator()(rt::add_f32_shape const& s) { all(s.a, s.b, s.out, s.relu); }
  void operator()(rt::pool_shape const& s) {
    all_but_last(s.pad_h == s.pad, s.in, s.out, s.kernel_h, s.kernel_w, s.stride, s.pad, s.in_zero, s.scale, s.out_zero,
                 s.out_min, s.out_max, s.pad_h);
  }
  void operator()(rt::pool_f32_shape const& s) {
    all_but_last(s.pad_h == s.pad, s.in, s.out, s.kernel_h, s.kernel_w, s.stride, s.pad, s.relu, s.pad_h);
  }
  void operator()(rt::conv1d_f32_shape const& s) { all(s.in, s.out, s.taps, s.stride, s.dilation, s.pad, s.relu); }
  void operator()(rt::conv1d_shape const& s) {
    all(s.in, s.out, s.taps, s.stride, s.dilation, s.pad, s.out_zero, s.out_min, s.out_max);
  }
  void operator()(rt::dense_s4_shape const& s) { all(s.m, s.c, s.o, s.group, s.out_zero, s.out_min, s.out_max); }
  void operator()(rt::block_sparse_shape const& s) { all(s.m, s.c, s.o, s.out_zero, s.out_min, s.out_max); }
  void operator()(rt::block_sparse_f32_shape const& s) { all(s.m, s.c, s.o, s.relu); }
  void operator()(rt::dense_2_4_shape const& s) { all(s.m, s.c, s.o, s.out_zero, s.out_min, s.out_max); }
  void operator()(rt::low_rank_f32_shape const& s) { all(s.m, s.c, s.rank, s.o, s.relu); }
  void operator()(rt::low_rank_s8_shape const& s) {
    all(s.m, s.c, s.rank, s.o, s.mid_zero, s.mid_min, s.mid_max, s.out_zero, s.out_min, s.out_max);
  }
  void operator()(bool b) { out_ += b ? "true" : "false"; }
  void operator()(float v) { append_number(out_, v); }
  void operator()(std::integral auto v) { append_number(out_, v); }

 private:
  // Of a convolution; its last members are left out where they are what they are by themselves.
  template <class Shape, class... T>
  [[gnu::cold]] void window(Shape const& s, T const&... member) {
    s.dilation > 1 ? all(member..., s.dilation) : all_but_last(s.pad_h == s.pad, member...);
  }
  // The last one is left out where it has the value that it has by itself.
  template <class... T>
  [[gnu::cold]] void all_but_last(bool leave_out, T const&... member) {
    out_ += '{';
    std::size_t i = 0;
    ((i + (leave_out ? 1 : 0) < sizeof...(T) ? (out_ += i == 0 ? "" : ", ", (*this)(member)) : void(), ++i), ...);
    out_ += '}';
  }

  std::string& out_;
};

}  // namespace petra::deploy
