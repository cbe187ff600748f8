// y = scale * (clamp(round(x / scale) + zero, lo, hi) - zero): what the integer kernel will see, in float. Rounds half to even
// before the zero point comes in, as the runtime does. The gradient passes straight through inside the clamp and is 0 outside.
//
// Source: Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference",
// CVPR 2018, sec. 3; straight-through estimator: Bengio et al. 2013.
#pragma once
#include <cmath>

#include "petra/grad/ops/example.hpp"

namespace petra::inline PETRA_ABI::ops {

struct fake_quantize_op {
  float const* scale;  // one, or one per row (first axis)
  bool per_row;
  float zero, lo, hi;

  template <scalar T, class F>
  void each(node<T> const& y, F f) const {
    index_t const rows = per_row ? y.shape[0] : 1, cols = y.shape.count() / rows;
    for (index_t r = 0; r < rows; ++r) {
      float const s = scale[per_row ? r : 0], inverse = 1 / s;
      for (index_t i = r * cols; i < (r + 1) * cols; ++i) f(i, static_cast<T>(s), static_cast<T>(inverse));
    }
  }
  template <scalar T>
  void forward(tape<T>& t, node<T> const& y) const {
    T const* const x = t.value(y.in[0]);
    T const low = static_cast<T>(lo - zero), high = static_cast<T>(hi - zero);
    // The magic number rounds half to even for |v| < 2^22 without a call; v is clamped first.
    each(y, [&](index_t i, T s, T inverse) {
      T const v = std::min(std::max(x[i] * inverse, low), high);
      T const magic = sizeof(T) == 4 ? T(12582912) : T(6755399441055744);
      y.value[i] = s * ((v + magic) - magic);
    });
  }
  template <scalar T>
  void pullback(tape<T>& t, node<T> const& y) const {
    T* const g = t.add_to(y.in[0]);
    if (g == nullptr) return;
    T const* const x = t.value(y.in[0]);
    T const low = static_cast<T>(lo - zero), high = static_cast<T>(hi - zero);
    each(y, [&](index_t i, T, T inverse) {
      T const v = x[i] * inverse;
      g[i] += v >= low && v <= high ? y.grad[i] : T(0);
    });
  }
};

// scale: one number, or one per row of x; must outlive the step. Pre: scale > 0; zero, lo and hi are integers.
template <scalar T>
var fake_quantize(tape<T>& t, var x, float const* scale, bool per_row, float zero, float lo, float hi) {
  return t.push(fake_quantize_op{scale, per_row, zero, lo, hi}, t.shape(x), {x, var{}, var{}, var{}});
}

}  // namespace petra::ops
