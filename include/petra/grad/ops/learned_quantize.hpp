// y = s * (clamp(round(x / s) + zero, lo, hi) - zero) with a step s that is learned as the weights are ("LSQ"). Rounds half to
// even before the zero point comes in, as the runtime does.
//
// dx: straight through inside the clamp, 0 outside. ds: round(x / s) - x / s inside, lo - zero or hi - zero at the ends; times
// 1 / sqrt(numbers that share the step * hi), which makes steps learn as fast as weights.
//
// Several consumers of one tensor have a step each and must end on one grid: integers are made of the tensor once. So each of
// them adds its part to the gradients of all: steps that begin equal stay equal, bit for bit. They find each other by their
// inputs: the step stands twice, which no other op does.
//
// Source: Esser et al., "Learned step size quantization", ICLR 2020, eq. 1 to 5; zero points: Bhalgat et al., "LSQ+", CVPR
// workshops 2020. Differs: the zero point is calibrated, not learned.
#pragma once
#include <cmath>

#include "petra/grad/ops/example.hpp"

namespace petra::inline PETRA_ABI::ops {

template <scalar T>
struct learned_quantize_op {
  bool per_row;  // one step for each row (first axis), or one for all
  float zero, lo, hi;
  T share;  // factor of the gradient of a step

  void forward(tape<T>& t, node<T> const& y) const {
    T const *const x = t.value(y.in[0]), *const step = t.value(y.in[1]);
    index_t const rows = per_row ? y.shape[0] : 1, cols = y.shape.count() / rows;
    T const low = static_cast<T>(lo - zero), high = static_cast<T>(hi - zero);
    for (index_t r = 0; r < rows; ++r) {
      T const s = step[r], inverse = 1 / s;
      for (index_t i = r * cols; i < (r + 1) * cols; ++i)
        y.value[i] = s * rounded(std::min(std::max(x[i] * inverse, low), high));
    }
  }
  void pullback(tape<T>& t, node<T> const& y) const {
    T const *const x = t.value(y.in[0]), *const step = t.value(y.in[1]);
    T* const g = t.add_to(y.in[0]);
    index_t const rows = per_row ? y.shape[0] : 1, cols = y.shape.count() / rows;
    T const low = static_cast<T>(lo - zero), high = static_cast<T>(hi - zero);
    T* const gs = t.take(rows);
    for (index_t r = 0; r < rows; ++r) {
      T const inverse = 1 / step[r];
      T sum = 0;
      for (index_t i = r * cols; i < (r + 1) * cols; ++i) {
        T const v = x[i] * inverse, cut = std::min(std::max(v, low), high);
        bool const inside = v == cut;
        sum += y.grad[i] * (inside ? rounded(v) - v : cut);
        if (g != nullptr && inside) g[i] += y.grad[i];
      }
      gs[r] = share * sum;
    }
    for (auto const& n : t.nodes()) {
      if (!n.in[1] || n.in[1].id != n.in[2].id || n.in[0].id != y.in[0].id) continue;
      if (T* const to = t.add_to(n.in[1]); to != nullptr)
        for (index_t r = 0; r < rows; ++r) to[r] += gs[r];
    }
  }

 private:
  // Half to even for |v| < 2^22.
  static T rounded(T v) {
    T const magic = sizeof(T) == 4 ? T(12582912) : T(6755399441055744);
    return (v + magic) - magic;
  }
};

// step: one number, or one per row of x. Pre: steps > 0; zero, lo and hi are integers. numbers: that share a step.
// Throws: shape_error when there are not as many steps.
template <scalar T>
var learned_quantize(tape<T>& t, var x, var step, bool per_row, float zero, float lo, float hi, index_t numbers) {
  index_t const wanted = per_row ? t.shape(x)[0] : 1;
  if (t.shape(step).count() != wanted)
    throw_error<shape_error>({"learned_quantize: expected ", wanted, " steps, found ", t.shape(step).count()});
  T const share = 1 / std::sqrt(static_cast<T>(numbers) * static_cast<T>(hi));
  return t.push(learned_quantize_op<T>{per_row, zero, lo, hi, share}, t.shape(x), {x, step, step});
}

}  // namespace petra::ops
