// Normal distribution function of vectors of floats, and the activations that multiply by a distribution function.
//
// normal_below(x)   Phi(x), the normal distribution function: for a = |x|, exp(-a^2 / 2) g(a) below 0, 1 minus it above
//                   g of degree 5 / 6, minimax on [0, 14.5]: 2^-33
// gelu(x)           x Phi(x): the form with erf (Hendrycks and Gimpel, "Gaussian error linear units", 2016, section 2)
// gelu_tanh(x)      x sigmoid(2 sqrt(2 / pi) (x + 0.044715 x^3)): the form with tanh (same section)
// silu(x)           x sigmoid(x)
//
// Errors over all floats in ulp: normal_below 6.5, gelu 10, silu 4; gelu_tanh 4 for x >= -1 and 4 + 2.5 x^2 below, where
// the rounding of its argument shows. Where a factor of x is a denormal, results below 2^-118, they are off by 64 ulp of
// a denormal at most. -0 for -inf, NaN stays NaN. Deterministic.
#pragma once
#include "petra/core/exp_f32.hpp"

namespace petra::inline PETRA_ABI::elementary {

// exp(-a^2 / 2) for a in [0, 14.5]. a^2 is taken apart, high * high + (a - high)(a + high), with `high` so short that its
// square is exact: a float holds too little of a^2 for a power of e.
template <class V>
PETRA_INLINE V normal_bell(V a) noexcept {
  V const high = (V)((bits_of<V>)a & ~0xfff);
  return exp_of_sum(high * high * -0.5f, (a - high) * (a + high) * -0.5f);
}
// Phi(-a) / exp(-a^2 / 2) for a in [0, 14.5].
template <class V>
PETRA_INLINE V normal_ratio(V a) noexcept {
  V const a2 = a * a, a4 = a2 * a2;
  V const p = (a * 0.5070545979f + 0.5f) + a2 * (a * 0.07112469708f + 0.2501401848f) +
              a4 * (a * 0.0008851222461f + 0.01160148123f);
  V const q = (a * 1.811993749f + 1.f) + a2 * (a * 0.6559881752f + 1.446042322f) +
              a4 * ((a * 0.02908041004f + 0.1805075378f) + a2 * 0.0022186753f);
  return p / q;
}

// Phi(-a) for a >= 0.
template <class V>
PETRA_INLINE V normal_tail(V a) noexcept {
  a = at_most(a, 14.5f);
  return normal_bell(a) * normal_ratio(a);
}

template <class V>
PETRA_INLINE V normal_below(V x) noexcept {
  V const tail = normal_tail(magnitude(x));
  return x < V{} ? tail : 1.f - tail;
}

// The factors that multiply x are 0 below -110; the bound makes -inf times 0 a zero.
template <class V>
PETRA_INLINE V gelu(V x) noexcept {
  return at_least(x, -110.f) * normal_below(x);
}

template <class V>
PETRA_INLINE V gelu_tanh(V x) noexcept {
  V const b = at_least(at_most(x, 1e4f), -110.f);
  return at_least(x, -110.f) * sigmoid(b * 1.59576912f * (b * b * 0.044715f + 1.f));
}

template <class V>
PETRA_INLINE V silu(V x) noexcept {
  return at_least(x, -110.f) * sigmoid(x);
}

}  // namespace petra::elementary
