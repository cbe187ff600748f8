// i32x16 as an array: plain loops of sixteen steps that compilers vectorize (runtime/lanes.hpp says what it is).
#pragma once
#include "petra/runtime/requantize.hpp"

#if !defined(__AVX2__) && !(defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__))

namespace petra::inline PETRA_ABI::rt {

struct i32x16 {
  std::int32_t v[16];

  PETRA_INLINE static i32x16 broadcast(std::int32_t a) noexcept {
    i32x16 r;
    for (std::int32_t& e : r.v) e = a;
    return r;
  }
  // Reads n elements and no more.
  template <class T>
  PETRA_INLINE static i32x16 load(T const* p, index_t n) noexcept {
    if (n == 16) return load(p);
    i32x16 r{};
    for (index_t i = 0; i < n; ++i) r.v[i] = p[i];
    return r;
  }
  // Reads 16 elements.
  template <class T>
  PETRA_INLINE static i32x16 load(T const* p) noexcept {
    i32x16 r;
    for (index_t i = 0; i < 16; ++i) r.v[i] = p[i];
    return r;
  }
  // round(p / scale), ties to even, saturated far outside int8; 0 for NaN. Reads n elements and no more.
  PETRA_INLINE static i32x16 nearest(float const* p, float scale, index_t n) noexcept {
    i32x16 r{};
    for (index_t i = 0; i < n; ++i) r.v[i] = nearest_integer(p[i] / scale);
    return r;
  }

  PETRA_INLINE friend i32x16 operator+(i32x16 a, i32x16 const& b) noexcept {
    for (index_t i = 0; i < 16; ++i) a.v[i] += b.v[i];
    return a;
  }
  PETRA_INLINE friend i32x16 operator-(i32x16 a, i32x16 const& b) noexcept {
    for (index_t i = 0; i < 16; ++i) a.v[i] -= b.v[i];
    return a;
  }
  PETRA_INLINE friend i32x16 operator*(i32x16 a, i32x16 const& b) noexcept {
    for (index_t i = 0; i < 16; ++i) a.v[i] *= b.v[i];
    return a;
  }
  PETRA_INLINE friend i32x16 operator<<(i32x16 a, std::int32_t n) noexcept {
    for (index_t i = 0; i < 16; ++i) a.v[i] *= std::int32_t{1} << n;
    return a;
  }
  PETRA_INLINE friend i32x16 operator>>(i32x16 a, std::int32_t n) noexcept {
    for (index_t i = 0; i < 16; ++i) a.v[i] >>= n;
    return a;
  }
  PETRA_INLINE friend i32x16 hold(i32x16 a, i32x16 const& lo, i32x16 const& hi) noexcept {
    for (index_t i = 0; i < 16; ++i) {
      std::int32_t const raised = a.v[i] < lo.v[i] ? lo.v[i] : a.v[i];
      a.v[i] = raised > hi.v[i] ? hi.v[i] : raised;
    }
    return a;
  }
};

// y (n) = onto_grid(a)
PETRA_INLINE void store(std::int8_t* y, i32x16 const& a, output_grid const& g, index_t n) noexcept {
  for (index_t i = 0; i < n; ++i) y[i] = onto_grid(a.v[i], g);
}

// y (64) = onto_grid(a)
PETRA_INLINE void store(std::int8_t* y, i32x16 const (&a)[4], output_grid const& g) noexcept {
  for (index_t i = 0; i < 64; ++i) y[i] = onto_grid(a[i / 16].v[i % 16], g);
}

// y (n) = float(a) * scale
PETRA_INLINE void store_scaled(float* y, i32x16 const& a, float const* scale, index_t n) noexcept {
  for (index_t i = 0; i < n; ++i) y[i] = static_cast<float>(a.v[i]) * scale[i];
}

template <class Rounding>
struct requantizer {
  i32x16 multiplier, shift;

  PETRA_INLINE static requantizer load(std::int32_t const* m, std::int8_t const* s, index_t n) noexcept {
    return {i32x16::load(m, n), i32x16::load(s, n)};
  }
  PETRA_INLINE static requantizer broadcast(requant q) noexcept {
    return {i32x16::broadcast(q.multiplier), i32x16::broadcast(q.shift)};
  }
  [[nodiscard]] PETRA_INLINE i32x16 operator()(i32x16 a) const noexcept {
    for (index_t i = 0; i < 16; ++i) a.v[i] = Rounding::apply(a.v[i], multiplier.v[i], shift.v[i]);
    return a;
  }
};

// As rounding::single, for factors below 1/4 (shift <= -2): other instruction sets save instructions here.
using high_requantizer = requantizer<rounding::single>;

}  // namespace petra::rt
#endif
