// Mean softmax cross-entropy of rows of float logits against class labels, with label smoothing.
//
// loss = -1/R sum_r sum_c q_rc log p_rc    p = softmax(x)    q = (1 - s) [c = label] + s / C    x, p (R,C), label (R)
// Probabilities are those of kernel/simd/softmax.hpp. The losses of the rows are added one after the other. NaN and
// logits of +inf make it NaN. Deterministic.
#pragma once
#include "petra/kernel/reference/cross_entropy.hpp"
#include "petra/kernel/simd/softmax.hpp"

namespace petra::inline PETRA_ABI::kernel {

// The loss. Assigns p.
// Pre: rows, cols >= 1; labels lie in [0, cols).
template <class = void>
inline float cross_entropy(simd_tag, index_t rows, index_t cols, float const* x, std::int32_t const* label,
                           float smoothing, float* p) {
  using namespace simd;
  float total = 0;
  for (index_t r = 0; r < rows; ++r, x += cols, p += cols) {
    float const top = max_of_row(x, cols), sum = exp_of_row(x, cols, top, p);
    vector const factor = broadcast(1.f / sum), shift = broadcast(top);
    each_vector(cols, [=](auto lane, index_t i) { lane.store(p + i, lane.load(p + i) * factor); });
    float row = std::log(sum) - (1 - smoothing) * (x[label[r]] - top);
    if (smoothing != 0)
      row -= smoothing * (sum_of_row(cols, [=](auto lane, index_t i) { return lane.load(x + i) - shift; }) /
                          static_cast<float>(cols));
    total += row;
  }
  return total / static_cast<float>(rows);
}

// dx += scale (p - q): the gradient, for scale = that of the loss, divided by the number of rows. Accumulates into dx.
template <class = void>
inline void cross_entropy_backward(simd_tag, index_t rows, index_t cols, float const* p, std::int32_t const* label,
                                   float smoothing, float scale, float* dx) {
  using namespace simd;
  vector const each = broadcast(smoothing / static_cast<float>(cols)), factor = broadcast(scale);
  for (index_t r = 0; r < rows; ++r, p += cols, dx += cols) {
    each_vector(cols, [=](auto lane, index_t i) {
      lane.store(dx + i, fmadd(factor, lane.load(p + i) - each, lane.load(dx + i)));
    });
    dx[label[r]] -= scale * (1 - smoothing);
  }
}

}  // namespace petra::kernel
