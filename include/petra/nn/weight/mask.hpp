// Slot "mask" of a leaf: which elements of a weight are kept. The masked ones stay zero through any training.
#pragma once
#include <span>

#include "petra/grad/ops/multiply.hpp"

namespace petra::inline PETRA_ABI::nn {

struct no_mask {
  template <scalar T>
  var weight(tape<T>&, var w) {
    return w;
  }
  [[nodiscard]] no_mask keep_rows(std::span<index_t const>) const { return {}; }
  [[nodiscard]] no_mask keep_cols(std::span<index_t const>) const { return {}; }
  void apply_to(tensor<float>&) const {}
};

struct mask {
  tensor<float> keep;  // (O,K), 1 or 0

  template <scalar T>
  var weight(tape<T>& t, var w) {
    return ops::multiply(t, w, t.constant(keep));
  }
  [[nodiscard]] mask keep_rows(std::span<index_t const> k) const { return {petra::keep_rows(keep, k)}; }
  [[nodiscard]] mask keep_cols(std::span<index_t const> k) const { return {petra::keep_cols(keep, k)}; }
  // Throws: shape_error when the mask is not of w's size.
  void apply_to(tensor<float>& w) const {
    if (keep.size() != w.size())
      throw_error<shape_error>({"mask: expected ", w.size(), " numbers, one per weight, found ", keep.size()});
    for (index_t i = 0; i < w.size(); ++i) w[i] *= keep[i];
  }
  template <class F>
  void members(F&& f) {
    f("keep", keep);
  }
};

}  // namespace petra::nn
