// A leaf: one matrix with one slot per parametrization. A point: the same for a tensor that no weight consumes (the addends of
// a residual, the input of an average). Input ranges live in whoever consumes the tensor, so all consumers of one tensor
// observe the same range and end on the same grid.
#pragma once
#include <algorithm>
#include <utility>

#include "petra/nn/weight/grid.hpp"
#include "petra/nn/weight/mask.hpp"

namespace petra::inline PETRA_ABI::nn {

// Smallest and largest value seen while the tape observes. Starts at 0: zero must lie on every grid, padding is zero.
struct range {
  float lo = 0, hi = 0;

  template <scalar T>
  void observe(tape<T> const& t, var x) {
    if (!t.observing) return;
    auto const [a, b] = std::minmax_element(t.value(x), t.value(x) + t.shape(x).count());
    lo = std::min(lo, static_cast<float>(*a));
    hi = std::max(hi, static_cast<float>(*b));
  }
  template <class F>
  void members(F&& f) {
    f("lo", lo);
    f("hi", hi);
  }
};

template <class Grid = no_grid>
struct point {
  Grid grid;
  range seen;

  template <scalar T>
  var input(tape<T>& t, var x) {
    seen.observe(t, x);
    return grid.input(t, x);
  }
  // f(slot, holder) for each slot; the result has the slots that f returned.
  template <class F>
  [[nodiscard]] auto map(F const& f) const {
    auto g = f(grid, *this);
    return point<decltype(g)>{std::move(g), seen};
  }
  template <class F>
  void members(F&& f) {
    f("grid", grid);
    f("seen", seen);
  }
};

template <class Mask = no_mask, class Grid = no_grid>
struct leaf {
  tensor<float> w;  // (O,K)
  Mask mask_slot;
  Grid grid;
  range seen;  // of the input
  bool frozen = false;

  // prim(tape, x, w, bias): the one primitive of the layer.
  template <scalar T, class Prim>
  var apply(tape<T>& t, var x, var bias, Prim const& prim) {
    var const used = matrix(t);
    return prim(t, input(t, x), used, bias);
  }
  // The two halves of `apply`, for ops that take several matrices: the matrix as the network uses it, and the input on its
  // grid, its range noted while the tape observes.
  template <scalar T>
  var matrix(tape<T>& t) {
    return grid.weight(t, mask_slot.weight(t, t.parameter(w, frozen)));
  }
  template <scalar T>
  var input(tape<T>& t, var x) {
    observe(t, x);
    return grid.input(t, x);
  }
  // Notes the range of an input that the op makes itself (the state of a recurrent layer).
  template <scalar T>
  void observe(tape<T> const& t, var x) {
    seen.observe(t, x);
  }
  // The matrix as the network uses it, before any grid.
  [[nodiscard]] tensor<float> effective() const {
    tensor<float> m = w;
    mask_slot.apply_to(m);
    return m;
  }
  [[nodiscard]] leaf keep_rows(std::span<index_t const> k) const {
    return {petra::keep_rows(w, k), mask_slot.keep_rows(k), grid.keep_rows(k), seen, frozen};
  }
  [[nodiscard]] leaf keep_cols(std::span<index_t const> k) const {
    return {petra::keep_cols(w, k), mask_slot.keep_cols(k), grid.keep_cols(k), seen, frozen};
  }
  void scale_rows(tensor<float> const& s) {
    for (index_t i = 0; i < w.rows(); ++i)
      for (index_t j = 0; j < w.cols(); ++j) w(i, j) *= s[i];
  }
  // f(slot, holder) for each slot; the result has the slots that f returned.
  template <class F>
  [[nodiscard]] auto map(F const& f) const {
    auto m = f(mask_slot, *this);
    auto g = f(grid, *this);
    return leaf<decltype(m), decltype(g)>{w, std::move(m), std::move(g), seen, frozen};
  }
  template <class F>
  void members(F&& f) {
    f("w", w);
    f("mask", mask_slot);
    f("grid", grid);
    f("seen", seen);
    f("frozen", frozen);
  }
};

}  // namespace petra::nn
