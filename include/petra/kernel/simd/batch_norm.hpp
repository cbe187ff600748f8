// Batch normalization over the rows of a matrix in float, per column.
//
// Source: Ioffe, Szegedy, "Batch normalization", ICML 2015; Chan, Golub, LeVeque, "Updating formulae and a pairwise
// algorithm for computing sample variances", 1979, equation 2.1: mean and squared deviations of blocks of rows are
// combined block by block. In a block both are sums of deviations from the mean so far (at first, from the first row),
// which lies within the numbers: what cancels is of the size of their deviations, and memory is read once.
#pragma once
#include "petra/kernel/reference/batch_norm.hpp"
#include "petra/kernel/simd/each_vector.hpp"

namespace petra::inline PETRA_ABI::kernel {

// mean (C) and squares (C), the sum of squared deviations from it, of `before` rows become those of these and of the rows
// of x (R,C). Assigns them when before == 0.
// Cost: one pass over x.
template <class = void>
inline void column_statistics(simd_tag, index_t before, index_t rows, index_t cols, float const* x, float* mean,
                              float* squares) {
  using namespace simd;
  each_stripe(rows, cols, sum_block, [=](auto lane, index_t j, index_t begin, index_t end) {
    auto const n = static_cast<float>(end - begin), old_rows = static_cast<float>(before + begin),
               total = static_cast<float>(before + end);
    bool const first = before + begin == 0;
    vector const shift = first ? lane.load(x + j) : lane.load(mean + j);
    vector sums[4] = {zero(), zero(), zero(), zero()}, parts[4] = {zero(), zero(), zero(), zero()};
    index_t i = begin;
    for (; end - i >= 4; i += 4) {
#pragma GCC unroll 4
      for (index_t k = 0; k < 4; ++k) {
        vector const centered = lane.load(x + (i + k) * cols + j) - shift;
        sums[k] += centered;
        parts[k] = fmadd(centered, centered, parts[k]);
      }
    }
    for (; i < end; ++i) {
      vector const centered = lane.load(x + i * cols + j) - shift;
      sums[0] += centered;
      parts[0] = fmadd(centered, centered, parts[0]);
    }
    vector const off = ((sums[0] + sums[1]) + (sums[2] + sums[3])) * broadcast(1 / n), block_mean = shift + off;
    vector square = (parts[0] + parts[1]) + (parts[2] + parts[3]) - off * off * broadcast(n);
    square = select(square < zero(), zero(), square);
    vector m = block_mean;
    if (!first) {
      vector const old = lane.load(mean + j), delta = block_mean - old;
      m = fmadd(delta, broadcast(n / total), old);
      square = fmadd(delta * delta, broadcast(old_rows * n / total), lane.load(squares + j) + square);
    }
    lane.store(mean + j, m);
    lane.store(squares + j, square);
  });
}

// mean (C) and inv_std (C) = 1 / square_root(variance + eps) of x (R,C), variance biased (divided by R);
// y (R,C) = gamma * (x - mean) * inv_std + beta. Assigns mean, inv_std and y.
// Pre: rows > 0. y may be x.
// Cost: two passes over x, one over y.
template <class = void>
inline void batch_norm(simd_tag, index_t rows, index_t cols, float const* x, float const* gamma, float const* beta,
                       float eps, float* mean, float* inv_std, float* y) {
  using namespace simd;
  expects(rows > 0, "kernel: batch_norm: there must be at least one row");
  column_statistics(simd_tag{}, 0, rows, cols, x, mean, inv_std);
  each_vector(cols, [=](auto lane, index_t j) {
    vector const variance = lane.load(inv_std + j) / broadcast(static_cast<float>(rows));
    lane.store(inv_std + j, broadcast(1.f) / square_root(variance + broadcast(eps)));
  });
  each_stripe(rows, cols, sum_block, [=](auto lane, index_t j, index_t begin, index_t end) {
    vector const m = lane.load(mean + j), scale = lane.load(gamma + j) * lane.load(inv_std + j),
                 b = lane.load(beta + j);
    for (index_t i = begin; i < end; ++i)
      lane.store(y + i * cols + j, fmadd(lane.load(x + i * cols + j) - m, scale, b));
  });
}

// The sums of the backward pass: sum (C) of dy (R,C), product (C) of dy * (x - mean). Assigns them, or accumulates.
// Cost: one pass over x and dy.
template <class = void>
inline void batch_norm_sums(simd_tag, index_t rows, index_t cols, float const* x, float const* mean, float const* dy,
                            float* sum, float* product, bool accumulate) {
  using namespace simd;
  each_stripe(rows, cols, sum_block, [=](auto lane, index_t j, index_t begin, index_t end) {
    vector const m = lane.load(mean + j);
    vector s[4] = {zero(), zero(), zero(), zero()}, p[4] = {zero(), zero(), zero(), zero()};
    index_t i = begin;
    for (; end - i >= 4; i += 4) {
#pragma GCC unroll 4
      for (index_t k = 0; k < 4; ++k) {
        vector const g = lane.load(dy + (i + k) * cols + j);
        s[k] += g;
        p[k] = fmadd(g, lane.load(x + (i + k) * cols + j) - m, p[k]);
      }
    }
    for (; i < end; ++i) {
      vector const g = lane.load(dy + i * cols + j);
      s[0] += g;
      p[0] = fmadd(g, lane.load(x + i * cols + j) - m, p[0]);
    }
    vector all = (s[0] + s[1]) + (s[2] + s[3]), products = (p[0] + p[1]) + (p[2] + p[3]);
    if (accumulate || begin > 0) {
      all += lane.load(sum + j);
      products += lane.load(product + j);
    }
    lane.store(sum + j, all);
    lane.store(product + j, products);
  });
}

// dx (R,C) = or, to accumulate, += scale * (dy - offset - (x - mean) * slope); scale, offset and slope (C). dx may
// be dy. Cost: one pass over x, dy and dx.
template <class = void>
inline void batch_norm_gradient(simd_tag, index_t rows, index_t cols, float const* x, float const* mean,
                                float const* scale, float const* offset, float const* slope, float const* dy, float* dx,
                                bool accumulate) {
  using namespace simd;
  auto const pass = [&](auto add) {
    // Three arrays: so many rows of 64 columns stay in the L1 cache until the last column.
    each_stripe(rows, cols, sum_block / 4, [=](auto lane, index_t j, index_t begin, index_t end) {
      vector const m = lane.load(mean + j), a = lane.load(scale + j), s = lane.load(offset + j),
                   p = lane.load(slope + j);
      for (index_t i = begin; i < end; ++i) {
        index_t const at = i * cols + j;
        vector const centered = lane.load(dy + at) - s - (lane.load(x + at) - m) * p;
        if constexpr (decltype(add)::value)
          lane.store(dx + at, fmadd(a, centered, lane.load(dx + at)));
        else
          lane.store(dx + at, a * centered);
      }
    });
  };
  if (accumulate)
    pass(std::true_type{});
  else
    pass(std::false_type{});
}

// With xhat = (x - mean) * inv_std: dgamma += sum(dy * xhat), dbeta += sum(dy),
// dx += gamma * inv_std * (dy - mean of dy - xhat * mean of (dy * xhat)). Accumulates into dx, dgamma and dbeta.
// Pre: rows > 0; mean and inv_std are those of `batch_norm` on x.
// Cost: two passes over x and dy, one over dx.
template <class = void>
inline void batch_norm_backward(simd_tag, index_t rows, index_t cols, float const* x, float const* gamma,
                                float const* mean, float const* inv_std, float const* dy, float* dx, float* dgamma,
                                float* dbeta, workspace& scratch) {
  using namespace simd;
  expects(rows > 0, "kernel: batch_norm_backward: there must be at least one row");
  workspace::scope const release(scratch);
  auto* const sum = scratch.take<float>(cols);
  auto* const product = scratch.take<float>(cols);
  auto* const scale = scratch.take<float>(cols);
  batch_norm_sums(simd_tag{}, rows, cols, x, mean, dy, sum, product, false);
  vector const n = broadcast(static_cast<float>(rows));
  each_vector(cols, [=](auto lane, index_t j) {
    vector const s = lane.load(sum + j), p = lane.load(product + j) * lane.load(inv_std + j);
    lane.store(dbeta + j, lane.load(dbeta + j) + s);
    lane.store(dgamma + j, lane.load(dgamma + j) + p);
    // From here on the means: of dy, and of dy * xhat times what makes xhat of a deviation from the mean.
    lane.store(sum + j, s / n);
    lane.store(product + j, p / n * lane.load(inv_std + j));
    lane.store(scale + j, lane.load(gamma + j) * lane.load(inv_std + j));
  });
  batch_norm_gradient(simd_tag{}, rows, cols, x, mean, scale, sum, product, dy, dx, true);
}

// y (R,C) = x (R,C) * scale (C) + shift (C): batch normalization with known statistics. Assigns y, which may be x.
template <class = void>
inline void scale_shift(simd_tag, index_t rows, index_t cols, float const* x, float const* scale, float const* shift,
                        float* y) {
  using namespace simd;
  each_stripe(rows, cols, sum_block, [=](auto lane, index_t j, index_t begin, index_t end) {
    vector const a = lane.load(scale + j), b = lane.load(shift + j);
    for (index_t i = begin; i < end; ++i) lane.store(y + i * cols + j, fmadd(lane.load(x + i * cols + j), a, b));
  });
}

}  // namespace petra::kernel
