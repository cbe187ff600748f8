// Activations of arrays of floats and their gradients.
//
// The functions are those of the kernels that ship (core/exp_f32.hpp, core/tanh_f32.hpp, core/normal_f32.hpp, which state
// their errors): what is trained is what runs on the device. Slopes, over all floats, in ulp of the sum of the magnitudes
// of their two terms (kernel/reference/activation.hpp): sigmoid 1.5, tanh 1.6, gelu 5, silu 4.5; gelu_tanh 3 for x >= -1 and
// 3 + 2.5 x^2 below, where the rounding of its argument shows. Where a term is a denormal, 64 ulp of a denormal at most.
//
// An element's value does not depend on where in the array it lies. Deterministic.
#pragma once
#include "petra/core/normal_f32.hpp"
#include "petra/core/tanh_f32.hpp"
#include "petra/kernel/reference/activation.hpp"
#include "petra/kernel/simd/each_vector.hpp"

namespace petra::inline PETRA_ABI::kernel {

namespace simd {

template <class V>
PETRA_INLINE V value(activations::sigmoid, V x) {
  return elementary::sigmoid(x);
}
template <class V>
PETRA_INLINE V value(activations::tanh, V x) {
  return elementary::tanh(x);
}
template <class V>
PETRA_INLINE V value(activations::gelu, V x) {
  return elementary::gelu(x);
}
template <class V>
PETRA_INLINE V value(activations::gelu_tanh, V x) {
  return elementary::gelu_tanh(x);
}
template <class V>
PETRA_INLINE V value(activations::silu, V x) {
  return elementary::silu(x);
}
template <class V>
PETRA_INLINE V value(activations::relu6, V x) {
  return elementary::at_least(elementary::at_most(x, 6.f), 0.f);
}
template <class V>
PETRA_INLINE V value(activations::hard_swish, V x) {
  V const inside = x * (x + 3.f) * (1.f / 6);
  return x <= V{} - 3.f ? V{} : x >= V{} + 3.f ? x : inside;
}
template <class V>
PETRA_INLINE V value(activations::leaky_relu f, V x) {
  return x < V{} ? x * f.below : x;
}

template <class V>
PETRA_INLINE V slope(activations::sigmoid, V y) {
  return y * (1.f - y);
}
template <class V>
PETRA_INLINE V slope(activations::tanh, V y) {
  return (1.f - y) * (1.f + y);
}
template <class V>
PETRA_INLINE V slope(activations::gelu, V x) {
  x = elementary::at_least(elementary::at_most(x, 14.5f), -14.5f);
  V const a = elementary::magnitude(x), bell = elementary::normal_bell(a), tail = bell * elementary::normal_ratio(a);
  return (x < V{} ? tail : 1.f - tail) + x * (bell * 0.398942280f);
}
// s(u) and s(-u) by one exponential: their product is small where one of them is, and 1 - s(u) would not be.
template <class V>
PETRA_INLINE V slope(activations::gelu_tanh, V x) {
  x = elementary::at_least(elementary::at_most(x, 110.f), -110.f);
  V const x2 = x * x, e = elementary::exp(-elementary::magnitude(x * 1.59576912f * (x2 * 0.044715f + 1.f)));
  V const one = V{} + 1.f, larger = one / (one + e), smaller = e * larger;
  return (x < V{} ? smaller : larger) + x * (smaller * larger) * (x2 * (3 * 0.044715f * 1.59576912f) + 1.59576912f);
}
template <class V>
PETRA_INLINE V slope(activations::silu, V x) {
  x = elementary::at_least(elementary::at_most(x, 110.f), -110.f);
  V const e = elementary::exp(-elementary::magnitude(x)), one = V{} + 1.f, larger = one / (one + e),
          smaller = e * larger;
  return x < V{} ? smaller * (one + x * larger) : larger * (one + x * smaller);
}
template <class V>
PETRA_INLINE V slope(activations::relu6, V y) {
  return ((y > V{}) & (y < V{} + 6.f)) ? V{} + 1.f : V{};
}
template <class V>
PETRA_INLINE V slope(activations::hard_swish, V x) {
  return x <= V{} - 3.f ? V{} : x >= V{} + 3.f ? V{} + 1.f : x * (1.f / 3) + 0.5f;
}
template <class V>
PETRA_INLINE V slope(activations::leaky_relu f, V x) {
  return x > V{} ? V{} + 1.f : V{} + f.below;
}

}  // namespace simd

// y = f(x). Assigns y, which may be x.
template <class F>
void activate(simd_tag, index_t n, float const* x, float* y, F f = {}) {
  using namespace simd;
  each_vector_rolled(n, [=](auto lane, index_t i) { lane.store(y + i, wrapped(value(f, plain(lane.load(x + i))))); });
}

// dx += dy f'(x). at: y where F::of_result, else x. Accumulates into dx.
template <class F>
void activate_backward(simd_tag, index_t n, float const* at, float const* dy, float* dx, F f = {}) {
  using namespace simd;
  each_vector_rolled(n, [=](auto lane, index_t i) {
    vector const rise = wrapped(slope(f, plain(lane.load(at + i))));
    lane.store(dx + i, fmadd(lane.load(dy + i), rise, lane.load(dx + i)));
  });
}

}  // namespace petra::kernel
