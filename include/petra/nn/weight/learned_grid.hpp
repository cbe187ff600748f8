// Slot "grid" whose steps are learned as the weights are: the grid of affine_grid, but trained (LSQ). It begins where a
// calibrated grid was: `learned_grid<8>(affine)`, and lowers as one.
//
// Source: Esser et al., "Learned step size quantization", ICLR 2020. All consumers of one tensor must begin on one step, which
// calibration gives them; then they stay on one (grad/ops/learned_quantize.hpp).
// Differs: a step that the optimizer pushes below the smallest one is put back on it.
#pragma once
#include "petra/grad/ops/learned_quantize.hpp"
#include "petra/nn/weight/grid.hpp"

namespace petra::inline PETRA_ABI::nn {

template <int Bits>
struct learned_grid {
  static_assert(Bits >= 2 && Bits <= 8, "petra: learned grids have 2 to 8 bits");
  static constexpr int bits = Bits;
  static constexpr float weight_limit = static_cast<float>((1 << (Bits - 1)) - 1);
  static constexpr float smallest = 1e-7f;

  // A tensor, as what is trained is one, that reads as its only number.
  struct step {
    tensor<float> value{petra::shape(1, 1), {1.f}};
    operator float() const { return value[0]; }
    template <class F>
    void members(F&& f) {
      f("step", value);
    }
  };

  tensor<float> weight_scale;  // (1,O); empty at a tensor point
  step input_scale;
  int input_zero = 0;

  learned_grid() = default;
  learned_grid(tensor<float> weights, float input, int zero) : weight_scale(std::move(weights)), input_zero(zero) {
    input_scale.value[0] = input;
  }
  explicit learned_grid(affine_grid<8> const& g) requires(Bits == 8)
      : learned_grid(g.weight_scale, g.input_scale, g.input_zero) {}

  // Throws: shape_error when there is not one scale per row of w.
  template <scalar T>
  var weight(tape<T>& t, var w) {
    index_t const rows = t.shape(w)[0];
    if (weight_scale.size() != rows)
      throw_error<shape_error>(
          {"grid: expected ", rows, " weight scales, one per output, found ", weight_scale.size()});
    return ops::learned_quantize(t, w, trained(t, weight_scale), true, 0, -weight_limit, weight_limit,
                                 t.shape(w).count() / rows);
  }
  template <scalar T>
  var input(tape<T>& t, var x) {
    return ops::learned_quantize(t, x, trained(t, input_scale.value), false, static_cast<float>(input_zero),
                                 -weight_limit - 1, weight_limit, t.shape(x).count() / t.shape(x)[0]);
  }
  [[nodiscard]] learned_grid keep_rows(std::span<index_t const> k) const {
    return {petra::keep_cols(weight_scale, k), input_scale, input_zero};
  }
  [[nodiscard]] learned_grid keep_cols(std::span<index_t const>) const { return *this; }
  template <class F>
  void members(F&& f) {
    f("weight_scale", weight_scale);
    f("input_scale", input_scale);
    f("input_zero", input_zero);
  }

 private:
  template <scalar T>
  static var trained(tape<T>& t, tensor<float>& s) {
    for (float& x : s) x = std::max(x, smallest);
    return t.parameter(s);
  }
};

}  // namespace petra::nn
