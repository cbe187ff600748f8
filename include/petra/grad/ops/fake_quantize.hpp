// y = scale * (clamp(round(x / scale) + zero, lo, hi) - zero): what the integer kernel will see, in float. Rounds half to even
// before the zero point comes in, as the runtime does. The gradient passes straight through inside the clamp and is 0 outside.
//
// Source: Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference",
// CVPR 2018, sec. 3; straight-through estimator: Bengio et al. 2013.
#pragma once
#include <cmath>

#include "petra/grad/ops/example.hpp"

namespace petra::inline PETRA_ABI::ops {

struct quantization_grid {
  float zero, lo, hi;

  template <scalar T>
  void forward(index_t n, T const* x, T scale, T inverse, T* y) const {
    T const low = static_cast<T>(lo - zero), high = static_cast<T>(hi - zero);
    // The magic number rounds half to even for |v| < 2^22 without a call; v is clamped first.
    T const magic = sizeof(T) == 4 ? T(12582912) : T(6755399441055744);
    for (index_t i = 0; i < n; ++i) {
      T const v = std::min(std::max(x[i] * inverse, low), high);
      y[i] = scale * ((v + magic) - magic);
    }
  }
  // dx = or += dy inside the clamp. dx may be dy.
  template <scalar T>
  void backward(index_t n, T const* x, T inverse, T const* dy, T* dx, bool accumulate) const {
    T const low = static_cast<T>(lo - zero), high = static_cast<T>(hi - zero);
    for (index_t i = 0; i < n; ++i) {
      T const v = x[i] * inverse, g = v >= low && v <= high ? dy[i] : T(0);
      dx[i] = accumulate ? dx[i] + g : g;
    }
  }
};

// Of a weight: a scale for each row.
struct fake_quantize_rows_op {
  float const* scale;
  quantization_grid grid;

  template <scalar T>
  void forward(tape<T>& t, node<T> const& y) const {
    index_t const cols = y.shape.count() / y.shape[0];
    T const* const x = t.value(y.in[0]);
    for (index_t r = 0; r < y.shape[0]; ++r)
      grid.forward(cols, x + r * cols, static_cast<T>(scale[r]), static_cast<T>(1 / scale[r]), y.value + r * cols);
  }
  template <scalar T>
  void pullback(tape<T>& t, node<T> const& y) const {
    auto const g = t.sink(y.in[0]);
    if (g.data == nullptr) return;
    index_t const cols = y.shape.count() / y.shape[0];
    T const* const x = t.value(y.in[0]);
    for (index_t r = 0; r < y.shape[0]; ++r)
      grid.backward(cols, x + r * cols, static_cast<T>(1 / scale[r]), static_cast<T const*>(y.grad + r * cols),
                    g.data + r * cols, !g.fresh);
  }
};

// Of what a layer reads: one scale.
struct fake_quantize_op {
  static constexpr bool puts_off = true;
  float scale;
  quantization_grid grid;

  template <scalar T>
  void forward(tape<T>& t, node<T> const& y) const {
    index_t const sample = y.shape.count() / std::max<index_t>(y.shape[0], 1);
    T const* const x = t.place(y.in[0]);
    t.later(y, pieces_of_values(y.shape[0], sample), sample, [op = *this, sample, x, to = y.value](slice const& s) {
      index_t const at = s.first * sample;
      op.grid.forward(s.count() * sample, x + at, static_cast<T>(op.scale), static_cast<T>(1 / op.scale), to + at);
    });
  }
  template <scalar T>
  void pullback(tape<T>& t, node<T> const& y) const {
    index_t const sample = y.shape.count() / std::max<index_t>(y.shape[0], 1);
    T const* const x = t.place(y.in[0]);
    T* const dy = y.grad;
    auto const g = t.pass_on(y, y.in[0]) ? typename tape<T>::gradient{dy, true} : t.sink(y.in[0]);
    if (g.data == nullptr) return;
    t.later(pieces_of_values(y.shape[0], sample), sample, [op = *this, sample, x, dy, g](slice const& s) {
      index_t const at = s.first * sample;
      op.grid.backward(s.count() * sample, x + at, static_cast<T>(1 / op.scale), static_cast<T const*>(dy + at),
                       g.data + at, !g.fresh);
    });
  }
};

// scale: one number, or one per row of x; must outlive the step. Pre: scale > 0; zero, lo and hi are integers.
template <scalar T>
var fake_quantize(tape<T>& t, var x, float const* scale, bool per_row, float zero, float lo, float hi) {
  quantization_grid const grid{zero, lo, hi};
  if (per_row) return t.push(fake_quantize_rows_op{scale, grid}, t.shape(x), {x, var{}, var{}, var{}});
  return t.push(fake_quantize_op{*scale, grid}, t.shape(x), {x, var{}, var{}, var{}});
}

}  // namespace petra::ops
