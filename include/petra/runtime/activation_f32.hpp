// Elementwise functions over an array of floats.
//
// y (n) = f(x)    f: activation::exp, sigmoid, tanh, gelu (with erf), gelu_tanh (with tanh), silu, relu6, hard_swish,
// leaky_relu
//
// Errors in ulp: core/exp_f32.hpp, core/tanh_f32.hpp, core/normal_f32.hpp. An element's value does not depend on where in
// the array it lies. y may be x. Reads and writes nothing beside the arrays. Deterministic.
#pragma once
#include "petra/core/normal_f32.hpp"
#include "petra/core/tanh_f32.hpp"
#include "petra/runtime/vector.hpp"

namespace petra::inline PETRA_ABI::rt {

namespace activation {

struct exp {
  PETRA_INLINE static f32v of(f32v x) noexcept { return elementary::exp(x); }
};
struct sigmoid {
  PETRA_INLINE static f32v of(f32v x) noexcept { return elementary::sigmoid(x); }
};
struct tanh {
  PETRA_INLINE static f32v of(f32v x) noexcept { return elementary::tanh(x); }
};
struct gelu {
  PETRA_INLINE static f32v of(f32v x) noexcept { return elementary::gelu(x); }
};
struct gelu_tanh {
  PETRA_INLINE static f32v of(f32v x) noexcept { return elementary::gelu_tanh(x); }
};
struct silu {
  PETRA_INLINE static f32v of(f32v x) noexcept { return elementary::silu(x); }
};

struct relu6 {
  PETRA_INLINE static f32v of(f32v x) noexcept { return clamp6(x); }
  PETRA_INLINE static f32v clamp6(f32v x) noexcept {
    f32v const six = broadcast(6.f), above = max(x, f32v{});
    return above < six ? above : six;
  }
};
struct hard_swish {
  PETRA_INLINE static f32v of(f32v x) noexcept { return x * relu6::clamp6(x + broadcast(3.f)) * broadcast(1.f / 6); }
};
struct leaky_relu {
  float below = 0.01f;
  [[nodiscard]] PETRA_INLINE f32v of(f32v x) const noexcept { return x < f32v{} ? broadcast(below) * x : x; }
};

}  // namespace activation

template <class Activation>
inline void activate_f32(index_t n, float const* x, float* y, Activation f = {}) noexcept {
  index_t i = 0;
  for (; i + f32_lanes <= n; i += f32_lanes) store(y + i, f.of(load(x + i)));
  if (i < n) store(y + i, f.of(load(x + i, n - i)), n - i);
}

}  // namespace petra::rt
