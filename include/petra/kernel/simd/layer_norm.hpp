// Layer normalization over the rows of a matrix of floats, in training, and its gradient.
//
// Mean first, then the squares of what is left: a mean a thousand times the deviation costs no accuracy of the deviation.
// A row's values depend on nothing but the row; the order of summation on C and the width of the vector. Deterministic.
#pragma once
#include "petra/kernel/reference/layer_norm.hpp"
#include "petra/kernel/simd/softmax.hpp"

namespace petra::inline PETRA_ABI::kernel {

// y (R,C) = gamma (x - mean) / sqrt(variance + epsilon) + beta; mean and inv_std (R) of the rows. Assigns all three; y may be
// x. Pre: cols >= 1.
template <class = void>
inline void layer_norm(simd_tag, index_t rows, index_t cols, float epsilon, float const* x, float const* gamma,
                       float const* beta, float* mean, float* inv_std, float* y) {
  using namespace simd;
  float const share = 1.f / static_cast<float>(cols);
  for (index_t r = 0; r < rows; ++r, x += cols, y += cols) {
    float const m = share * sum_of_row(cols, [=](auto lane, index_t i) { return lane.load(x + i); });
    vector const middle = broadcast(m);
    float const square = sum_of_row(cols, [=](auto lane, index_t i) {
      vector const d = lane.load(x + i) - middle;
      return d * d;
    });
    vector const inv = broadcast(1.f) / square_root(broadcast(square * share + epsilon));
    each_vector(cols, [=](auto lane, index_t i) {
      lane.store(y + i, fmadd((lane.load(x + i) - middle) * inv, lane.load(gamma + i), lane.load(beta + i)));
    });
    mean[r] = m;
    store_first(inv_std + r, inv, 1);
  }
}

// With xhat = (x - mean) inv_std and g = gamma dy: dx = inv_std (g - mean of g - xhat * mean of (g xhat)), assigned, or
// added where `accumulate`; dgamma += sum over rows of dy xhat, dbeta += sum over rows of dy.
// Pre: cols >= 1; mean and inv_std are those of `layer_norm` on x.
template <class = void>
inline void layer_norm_backward(simd_tag, index_t rows, index_t cols, float const* x, float const* gamma,
                                float const* mean, float const* inv_std, float const* dy, float* dx, bool accumulate,
                                float* dgamma, float* dbeta) {
  using namespace simd;
  float const share = 1.f / static_cast<float>(cols);
  for (index_t r = 0; r < rows; ++r, x += cols, dy += cols, dx += cols) {
    vector const m = broadcast(mean[r]), inv = broadcast(inv_std[r]);
    vector sum = zero(), product = zero();
    // What lies behind the row loads as zero, and x there is not zero once the mean is taken off: dy is.
    each_vector(cols, [=, &sum, &product](auto lane, index_t i) {
      vector const xhat = (lane.load(x + i) - m) * inv, d = lane.load(dy + i), g = d * lane.load(gamma + i);
      sum += g;
      product = fmadd(g, xhat, product);
      lane.store(dgamma + i, fmadd(d, xhat, lane.load(dgamma + i)));
      lane.store(dbeta + i, lane.load(dbeta + i) + d);
    });
    vector const off = broadcast(sum_of_lanes(sum) * share), along = broadcast(sum_of_lanes(product) * share);
    each_vector(cols, [=](auto lane, index_t i) {
      vector const xhat = (lane.load(x + i) - m) * inv,
                   d = inv * (lane.load(dy + i) * lane.load(gamma + i) - off - xhat * along);
      lane.store(dx + i, accumulate ? lane.load(dx + i) + d : d);
    });
  }
}

}  // namespace petra::kernel
