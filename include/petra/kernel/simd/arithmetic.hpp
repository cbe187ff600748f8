// Sums and products of arrays of floats, element by element. The result may be one of the operands.
#pragma once
#include "petra/kernel/reference/arithmetic.hpp"
#include "petra/kernel/simd/each_vector.hpp"

namespace petra::inline PETRA_ABI::kernel {

// y = a + b
template <class = void>
inline void add(simd_tag, index_t n, float const* a, float const* b, float* y) {
  simd::each_vector(n, [=](auto lane, index_t i) { lane.store(y + i, lane.load(a + i) + lane.load(b + i)); });
}

// y += x
template <class = void>
inline void add_to(simd_tag, index_t n, float const* x, float* y) {
  simd::each_vector(n, [=](auto lane, index_t i) { lane.store(y + i, lane.load(y + i) + lane.load(x + i)); });
}

// y = a * b
template <class = void>
inline void multiply(simd_tag, index_t n, float const* a, float const* b, float* y) {
  simd::each_vector(n, [=](auto lane, index_t i) { lane.store(y + i, lane.load(a + i) * lane.load(b + i)); });
}

// y += a * b
template <class = void>
inline void multiply_add(simd_tag, index_t n, float const* a, float const* b, float* y) {
  simd::each_vector(n, [=](auto lane, index_t i) {
    lane.store(y + i, simd::fmadd(lane.load(a + i), lane.load(b + i), lane.load(y + i)));
  });
}

}  // namespace petra::kernel
