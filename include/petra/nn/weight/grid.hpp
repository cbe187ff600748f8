// Slot "grid" of a leaf or of a tensor point: the integer grid it is quantized on. Training quantizes in float on this grid
// ("fake"), `lower` packs integers from it: one definition for both.
//
// Weights: symmetric, one scale per output channel, q in [-(2^(B-1)-1), 2^(B-1)-1]. Inputs: asymmetric, one scale and zero
// point per tensor, q in [-2^(B-1), 2^(B-1)-1]. Source: the TensorFlow Lite 8-bit quantization specification.
#pragma once
#include <span>

#include "petra/grad/ops/fake_quantize.hpp"

namespace petra::inline PETRA_ABI::nn {

struct no_grid {
  static constexpr int bits = 32;
  template <scalar T>
  var weight(tape<T>&, var w) {
    return w;
  }
  template <scalar T>
  var input(tape<T>&, var x) {
    return x;
  }
  [[nodiscard]] no_grid keep_rows(std::span<index_t const>) const { return {}; }
  [[nodiscard]] no_grid keep_cols(std::span<index_t const>) const { return {}; }
};

template <int Bits>
struct affine_grid {
  static_assert(Bits == 8, "petra: affine grids have 8 bits in this version");
  static constexpr int bits = Bits;
  static constexpr float weight_limit = static_cast<float>((1 << (Bits - 1)) - 1);

  tensor<float> weight_scale;  // (1,O); empty at a tensor point
  float input_scale = 1;
  int input_zero = 0;

  // Throws: shape_error when there is not one scale per row of w.
  template <scalar T>
  var weight(tape<T>& t, var w) {
    if (weight_scale.size() != t.shape(w)[0])
      throw_error<shape_error>(
          {"grid: expected ", t.shape(w)[0], " weight scales, one per output, found ", weight_scale.size()});
    return ops::fake_quantize(t, w, weight_scale.data(), true, 0, -weight_limit, weight_limit);
  }
  template <scalar T>
  var input(tape<T>& t, var x) {
    return ops::fake_quantize(t, x, &input_scale, false, static_cast<float>(input_zero), -weight_limit - 1,
                              weight_limit);
  }
  [[nodiscard]] affine_grid keep_rows(std::span<index_t const> k) const {
    return {petra::keep_cols(weight_scale, k), input_scale, input_zero};
  }
  [[nodiscard]] affine_grid keep_cols(std::span<index_t const>) const { return *this; }
  template <class F>
  void members(F&& f) {
    f("weight_scale", weight_scale);
    f("input_scale", input_scale);
    f("input_zero", input_zero);
  }
};

}  // namespace petra::nn
