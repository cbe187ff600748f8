// Arms for dense layers with compressed weights: what the same layer costs with dense ones. They do other work than the
// row's reference (other weights, or as many zeros multiplied), so they have no result to compare.
#pragma once
#include <vector>

#include "../arms.hpp"
#include "../peers/onednn.hpp"
#include "petra/runtime/conv2d_f32.hpp"
#include "petra/runtime/matmul_s8.hpp"

namespace bench {

// Ours, int8.
struct dense_s8 {
  dense_s8(index_t m, index_t c, index_t o)
      : shape{.m = m, .n = o, .k = c},
        x(integers(m * c, 1)),
        w(integers(petra::rt::packed_size(shape), 2)),
        shift(static_cast<std::size_t>(o), std::int8_t{-8}),
        y(static_cast<std::size_t>(m * o)),
        offset(static_cast<std::size_t>(o)),
        multiplier(static_cast<std::size_t>(o), 1500000000) {}
  void operator()() {
    benchmark::DoNotOptimize(shape);
    petra::rt::matmul_s8(shape, x.data(), w.data(), offset.data(), multiplier.data(), shift.data(), y.data());
  }
  petra::rt::matmul_s8_shape shape;
  std::vector<std::int8_t> x, w, shift, y;
  std::vector<std::int32_t> offset, multiplier;
};

// Ours, float.
struct dense_f32 {
  dense_f32(index_t m, index_t c, index_t o)
      : shape{.in = {1, m, c, 0}, .out = {1, m, o, 0}},
        x(floats(m * c + 16, 1)),
        w(floats(petra::rt::packed_size(shape), 2)),
        bias(static_cast<std::size_t>(o)),
        y(static_cast<std::size_t>(m * o + 16)) {}
  void operator()() {
    benchmark::DoNotOptimize(shape);
    petra::rt::conv2d_f32(shape, x.data(), w.data(), bias.data(), y.data());
  }
  petra::rt::conv_f32_shape shape;
  std::vector<float> x, w, bias, y;
};

#if BENCH_ONEDNN
// oneDNN's product on dense weights, outputs in the type of the inputs.
template <class T>
struct onednn_dense {
  onednn_dense(index_t m, index_t c, index_t o)
      : product(m, o, c, values(m * c, 1), values(c * o, 2), {.scale = std::is_same_v<T, float> ? 1.f : 0.01f}) {}
  void operator()() { product(); }
  static std::vector<T> values(index_t n, std::uint64_t key) {
    if constexpr (std::is_same_v<T, float>)
      return floats(n, key);
    else
      return integers(n, key);
  }
  onednn::matmul<T, T, T> product;
};
#endif

}  // namespace bench
