// Structure "full": the weight is one matrix. W (O,K)
#pragma once
#include "petra/nn/weight/leaf.hpp"

namespace petra::inline PETRA_ABI::nn {

template <class Leaf = leaf<>>
struct full {
  Leaf a;
  using leaf_type = Leaf;

  template <scalar T, class Prim>
  var apply(tape<T>& t, var x, var bias, Prim const& prim) {
    return a.apply(t, x, bias, prim);
  }
  // The halves of `apply` (nn/weight/leaf.hpp).
  template <scalar T>
  var matrix(tape<T>& t) {
    return a.matrix(t);
  }
  template <scalar T>
  var input(tape<T>& t, var x) {
    return a.input(t, x);
  }
  template <scalar T>
  void observe(tape<T> const& t, var x) {
    a.observe(t, x);
  }
  [[nodiscard]] tensor<float> effective() const { return a.effective(); }
  void scale_rows(tensor<float> const& s) { a.scale_rows(s); }
  // The factor whose rows are the output channels.
  [[nodiscard]] tensor<float>& row_factor() { return a.w; }
  [[nodiscard]] full keep_rows(std::span<index_t const> k) const { return {a.keep_rows(k)}; }
  [[nodiscard]] full keep_cols(std::span<index_t const> k) const { return {a.keep_cols(k)}; }

  template <class F>
  [[nodiscard]] auto map(F const& f) const {
    auto n = f(a);
    return full<decltype(n)>{std::move(n)};
  }
  template <class Builder, class Geometry>
  [[gnu::cold]] auto lower(Builder& b, typename Builder::value x, tensor<float> const& bias, Geometry const& g) const {
    return b.convolve(x, a, bias, g);
  }
  template <class F>
  void members(F&& f) {
    f("a", a);
  }
};

}  // namespace petra::nn
