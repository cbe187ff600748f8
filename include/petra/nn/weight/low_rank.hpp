// Structure "low_rank": W (O,K) = u (O,r) . v (r,K). v takes the place of the weight in the layer's own primitive (a
// convolution keeps its kernel), u is a product along the last axis, whatever the layer: channels-last makes it so.
//
// Source: Jaderberg, Vedaldi, Zisserman, "Speeding up Convolutional Neural Networks with Low Rank Expansions", BMVC 2014.
#pragma once
#include "petra/grad/ops/matmul.hpp"
#include "petra/grad/ops/product.hpp"
#include "petra/nn/weight/leaf.hpp"

namespace petra::inline PETRA_ABI::nn {

// The primitive of u.
struct last_axis_product {
  template <scalar T>
  var operator()(tape<T>& t, var x, var w, var bias) const {
    return ops::matmul(t, x, w, bias);
  }
};

template <class Leaf = leaf<>>
struct low_rank {
  Leaf v;  // (r,K)
  Leaf u;  // (O,r)
  using leaf_type = Leaf;

  template <scalar T, class Prim>
  var apply(tape<T>& t, var x, var bias, Prim const& prim) {
    return u.apply(t, v.apply(t, x, var{}, prim), bias, last_axis_product{});
  }
  // The halves of `apply` (nn/weight/leaf.hpp). The factors are multiplied out: what lies between them has no range.
  template <scalar T>
  var matrix(tape<T>& t) {
    var const left = u.matrix(t);
    return ops::product(t, left, v.matrix(t));
  }
  template <scalar T>
  var input(tape<T>& t, var x) {
    return v.input(t, x);
  }
  template <scalar T>
  void observe(tape<T> const& t, var x) {
    v.observe(t, x);
  }
  [[nodiscard]] tensor<float> effective() const {
    tensor<float> const a = u.effective(), b = v.effective();
    tensor<float> w(petra::shape(a.rows(), b.cols()));
    for (index_t i = 0; i < a.rows(); ++i)
      for (index_t r = 0; r < a.cols(); ++r)
        for (index_t j = 0; j < b.cols(); ++j) w(i, j) += a(i, r) * b(r, j);
    return w;
  }
  void scale_rows(tensor<float> const& s) { u.scale_rows(s); }
  [[nodiscard]] tensor<float>& row_factor() { return u.w; }
  [[nodiscard]] low_rank keep_rows(std::span<index_t const> k) const { return {v, u.keep_rows(k)}; }
  [[nodiscard]] low_rank keep_cols(std::span<index_t const> k) const { return {v.keep_cols(k), u}; }

  template <class F>
  [[nodiscard]] auto map(F const& f) const {
    auto n = f(v);
    return low_rank<decltype(n)>{std::move(n), f(u)};
  }
  template <class Builder, class Geometry>
  [[gnu::cold]] auto lower(Builder& b, typename Builder::value x, tensor<float> const& bias, Geometry const& g) const {
    return b.convolve(b.convolve(x, v, tensor<float>{}, g), u, bias, typename Builder::geometry_type{});
  }
  template <class F>
  void members(F&& f) {
    f("v", v);
    f("u", u);
  }
};

}  // namespace petra::nn
