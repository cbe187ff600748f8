// Hyperbolic tangent of vectors of floats as a quotient, and the logistic gate of recurrent layers made of it.
//
// tanh(x)   x p(x^2) / q(x^2), both of degree 4, minimax on |x| <= 9.02: 2^-25.5; beyond, tanh is 1 in float
// gate(x)   (1 + tanh(x / 2)) / 2: a logistic function with an absolute error only
//
// Errors over all floats: tanh 5.5 ulp (7 without a fused multiply-add), |tanh| <= 1, odd; gate 2.5e-7 absolute, so
// it may leave [0, 1] by as much. Denormals exact. NaN stays NaN.
// Infinities give 1 within these bounds. Deterministic.
// Cost: about 32 cycles from argument to result on Zen 5, 18 less than by exp(): in a recurrent step they lie one after
// the other. All coefficients are positive, so nothing cancels.
#pragma once
#include "petra/core/bound_f32.hpp"

namespace petra::inline PETRA_ABI::elementary {

// What is divided last: recurrent cells multiply quotients before they divide.
template <class V>
struct quotient {
  V p, q;
  PETRA_INLINE friend quotient operator*(quotient a, quotient b) noexcept { return {a.p * b.p, a.q * b.q}; }
  [[nodiscard]] PETRA_INLINE V value() const noexcept { return p / q; }
};

// tanh with results up to 1 + 2^-22 in magnitude. x^2 is bounded beside x, not after it, which saves two cycles.
template <class V>
PETRA_INLINE quotient<V> squash(V x) noexcept {
  V const u = at_most(x * x, 9.02f * 9.02f), u2 = u * u;
  V const p =
      (u * 0.1337970275f + 0.9999999796f) + u2 * ((u * 2.058293508e-5f + 0.003494011794f) + u2 * 1.331802362e-8f);
  V const q = (u * 0.467130182f + 1.f) + u2 * ((u * 0.0003283047981f + 0.02587099861f) + u2 * 7.761650539e-7f);
  return {at_least(at_most(x, 9.02f), -9.02f) * p, q};
}

template <class V>
PETRA_INLINE V tanh(V x) noexcept {
  return at_least(at_most(squash(x).value(), 1.f), -1.f);
}

// The same polynomials of (x / 2)^2: powers of two in their coefficients.
template <class V>
PETRA_INLINE quotient<V> gate(V x) noexcept {
  V const u = at_most(x * x, 18.04f * 18.04f), u2 = u * u;
  V const p = (u * (0.1337970275f / 8) + 0.9999999796f / 2) +
              u2 * ((u * (2.058293508e-5f / 128) + 0.003494011794f / 32) + u2 * (1.331802362e-8f / 512));
  V const q = (u * (0.467130182f / 4) + 1.f) +
              u2 * ((u * (0.0003283047981f / 64) + 0.02587099861f / 16) + u2 * (7.761650539e-7f / 256));
  return {at_least(at_most(x, 18.04f), -18.04f) * p + q, q + q};
}

}  // namespace petra::elementary
