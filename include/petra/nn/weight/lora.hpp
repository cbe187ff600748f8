// Structure "lora": W (O,K) = a (O,K) + alpha / r * u (O,r) . v (r,K). a is what was trained before and is frozen, u and v are
// trained: few numbers for each task. Merged it is a full weight again, and costs nothing.
//
// v takes the place of the weight in the layer's own primitive, as in low_rank. A new one computes what `a` alone does: u is 0.
// Source: Hu et al., "LoRA: low-rank adaptation of large language models", ICLR 2022, sec. 4.1.
#pragma once
#include <cmath>

#include "petra/core/random.hpp"
#include "petra/grad/ops/add_scaled.hpp"
#include "petra/nn/weight/full.hpp"
#include "petra/nn/weight/low_rank.hpp"

namespace petra::inline PETRA_ABI::nn {

template <class Leaf = leaf<>>
struct lora {
  Leaf a;  // (O,K), frozen
  Leaf v;  // (r,K)
  Leaf u;  // (O,r)
  float alpha = 1;
  using leaf_type = Leaf;

  template <scalar T, class Prim>
  var apply(tape<T>& t, var x, var bias, Prim const& prim) {
    var const y = a.apply(t, x, bias, prim);
    var const change = u.apply(t, v.apply(t, x, var{}, prim), var{}, last_axis_product{});
    return ops::add_scaled(t, y, change, static_cast<T>(scale()));
  }
  // The halves of `apply` (nn/weight/leaf.hpp). The factors are multiplied out: what lies between them has no range.
  template <scalar T>
  var matrix(tape<T>& t) {
    var const whole = a.matrix(t), left = u.matrix(t);
    return ops::add_scaled(t, whole, ops::product(t, left, v.matrix(t)), static_cast<T>(scale()));
  }
  template <scalar T>
  var input(tape<T>& t, var x) {
    return a.input(t, x);
  }
  template <scalar T>
  void observe(tape<T> const& t, var x) {
    a.observe(t, x);
  }
  // alpha / r
  [[nodiscard]] float scale() const { return v.w.empty() ? 0.f : alpha / static_cast<float>(v.w.rows()); }
  [[nodiscard]] tensor<float> effective() const {
    tensor<float> w = a.effective();
    tensor<float> const left = u.effective(), right = v.effective();
    for (index_t i = 0; i < w.rows(); ++i)
      for (index_t r = 0; r < right.rows(); ++r)
        for (index_t j = 0; j < w.cols(); ++j) w(i, j) += scale() * left(i, r) * right(r, j);
    return w;
  }
  // The full weight that computes the same. The change fills the zeros of a mask of `a`; a grid wants to be calibrated anew.
  [[nodiscard]] full<Leaf> merged() const {
    full<Leaf> f{a};
    f.a.w = effective();
    f.a.frozen = false;
    if constexpr (requires { f.a.mask_slot.keep; })
      std::fill(f.a.mask_slot.keep.begin(), f.a.mask_slot.keep.end(), 1.f);
    return f;
  }
  void scale_rows(tensor<float> const& s) {
    a.scale_rows(s);
    u.scale_rows(s);
  }
  // The matrix whose rows are the output channels and which has a gradient.
  [[nodiscard]] tensor<float>& row_factor() { return u.w; }
  [[nodiscard]] lora keep_rows(std::span<index_t const> k) const { return {a.keep_rows(k), v, u.keep_rows(k), alpha}; }
  [[nodiscard]] lora keep_cols(std::span<index_t const> k) const { return {a.keep_cols(k), v.keep_cols(k), u, alpha}; }

  template <class F>
  [[nodiscard]] auto map(F const& f) const {
    auto n = f(a);
    auto m = f(v);
    return lora<decltype(n)>{std::move(n), std::move(m), f(u), alpha};
  }
  // As the merged weight.
  template <class Builder, class Geometry>
  [[gnu::cold]] auto lower(Builder& b, typename Builder::value x, tensor<float> const& bias, Geometry const& g) const {
    return b.convolve(x, merged().a, bias, g);
  }
  template <class F>
  void members(F&& f) {
    f("a", a);
    f("v", v);
    f("u", u);
    f("alpha", alpha);
  }
};

// A weight on top of what was trained: v random with variance 1 / K, u zero, so nothing has changed yet.
// Throws: setting_error unless 1 <= rank <= min(O, K) and alpha is positive.
template <class Leaf>
[[nodiscard, gnu::cold]] lora<Leaf> adapted(full<Leaf> const& w, index_t rank, float alpha, std::uint64_t seed) {
  index_t const rows = w.a.w.rows(), cols = w.a.w.cols();
  if (rank < 1 || rank > std::min(rows, cols) || !(alpha > 0))
    throw_error<setting_error>(
        {"lora: expected a rank in [1, ", std::min(rows, cols), "] and alpha > 0, found ", rank, " and ", alpha});
  lora<Leaf> l;
  l.a = w.a;
  l.a.frozen = true;
  l.alpha = alpha;
  l.v.w = tensor<float>({rank, cols});
  l.u.w = tensor<float>({rows, rank});
  random r(key(seed, 0x6c6f7261u));
  float const deviation = 1 / std::sqrt(static_cast<float>(cols));
  for (float& x : l.v.w) x = deviation * r.normal();
  return l;
}

}  // namespace petra::nn
