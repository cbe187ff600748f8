// Slot "grid" of a leaf whose weights are int4 in groups of inputs, its inputs int8. Training quantizes in float on this grid
// ("fake"), `lower` packs integers from it (runtime/pack_s4.hpp): one definition for both.
//
// Weights: w (O,K) ~ weight_scale (O) * group_scale (O,G) * q,  q in [-7, 7]; an input k belongs to group k / (K / G). The
// scale of a group is a whole number, 1 to 127, so that sums stay integers. G = 1: one scale per output. Inputs: as those of
// affine_grid<8>.
// Source: Dai et al., "VS-Quant: Per-vector Scaled Quantization for Accurate Low-Precision Neural Network Inference", MLSys
// 2021 (two-level integer scales).
#pragma once
#include <span>

#include "petra/grad/ops/reshape.hpp"
#include "petra/nn/weight/grid.hpp"

namespace petra::inline PETRA_ABI::nn {

struct int4_grid {
  static constexpr int bits = 4;
  static constexpr float weight_limit = 7;

  tensor<float> weight_scale;  // (1,O)
  tensor<float> group_scale;   // (O,G)
  float input_scale = 1;
  int input_zero = 0;
  tensor<float> row_scale = {};  // (1,O*G): what `weight` rounds to, kept for the step

  // Throws: shape_error when there is not one scale per row of w, or groups do not divide its columns.
  template <scalar T>
  var weight(tape<T>& t, var w) {
    shape const whole = t.shape(w);
    index_t const rows = whole[0], cols = whole.count() / rows, groups = group_scale.cols();
    if (weight_scale.size() != rows || group_scale.rows() != rows)
      throw_error<shape_error>({"int4 grid: expected ", rows,
                                " weight scales and rows of group scales, one per output, ", "found ",
                                weight_scale.size(), " and ", group_scale.rows()});
    if (groups < 1 || cols % groups != 0)
      throw_error<shape_error>(
          {"int4 grid: expected a number of groups that divides ", cols, " inputs, found ", groups});
    row_scale = tensor<float>({1, rows * groups});
    for (index_t o = 0; o < rows; ++o)
      for (index_t g = 0; g < groups; ++g) row_scale[o * groups + g] = weight_scale[o] * group_scale(o, g);
    var const by_group = ops::reshape(t, w, {rows * groups, cols / groups});
    return ops::reshape(t, ops::fake_quantize(t, by_group, row_scale.data(), true, 0, -weight_limit, weight_limit),
                        whole);
  }
  template <scalar T>
  var input(tape<T>& t, var x) {
    return ops::fake_quantize(t, x, &input_scale, false, static_cast<float>(input_zero), -128, 127);
  }
  [[nodiscard]] int4_grid keep_rows(std::span<index_t const> k) const {
    return {petra::keep_cols(weight_scale, k), petra::keep_rows(group_scale, k), input_scale, input_zero};
  }
  // Throws: shape_error: groups would end elsewhere.
  [[nodiscard]] int4_grid keep_cols(std::span<index_t const>) const {
    if (group_scale.cols() > 1)
      throw_error<shape_error>({"int4 grid: expected all inputs to stay, for their ", group_scale.cols(), " groups"});
    return *this;
  }
  template <class F>
  void members(F&& f) {
    f("weight_scale", weight_scale);
    f("group_scale", group_scale);
    f("input_scale", input_scale);
    f("input_zero", input_zero);
  }
};

}  // namespace petra::nn
