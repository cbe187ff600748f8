// Exponential and logistic function of vectors of floats.
//
// exp(x)       n = round(x / ln 2), r = x - n ln 2, 2^n (1 + r + r^2 p(r)): p of degree 4, minimax, 2^-26
// sigmoid(x)   1 / (1 + exp(-x)), as e / (1 + e) for x < 0: exact down to the smallest denormal
//
// Errors over all floats: exp 1.5 ulp, sigmoid 2.8 ulp, with and without a fused multiply-add. Denormal results have the
// same bounds, in ulp of a denormal.
// exp(NaN) = NaN, exp(inf) = inf, exp(-inf) = 0, sigmoid(-inf) = 0, sigmoid(inf) = 1. Deterministic.
// Rejected: splitting off 2^n before multiplying with log2 e once (exp2 form): two multiplications less, but its error
// grows to 64 ulp at the ends.
#pragma once
#include "petra/core/bound_f32.hpp"

namespace petra::inline PETRA_ABI::elementary {

// v * 2^n for whole n in [-160, 128], rounded once. `biased` = n + 1.5 * 2^23: the integer lies in its low bits.
template <class V>
PETRA_INLINE V scale_by_power(V v, V n, [[maybe_unused]] V biased) noexcept {
#if defined(__AVX512F__)
  if constexpr (sizeof(V) == 64) return (V)_mm512_maskz_scalef_ps(0xffff, (__m512)v, (__m512)n);
#endif
  (void)n;
  // In two factors, since 2^n may lie outside the normal numbers. The first product is exact.
  auto const whole = (bits_of<V>)biased - 0x4b400000, half = whole >> 1;
  return v * (V)((half + 127) << 23) * (V)((whole - half + 127) << 23);
}

// exp(x) with x = n ln 2 + r. ln 2 comes in two parts, the first with 9 bits: n times it is exact.
template <class V>
PETRA_INLINE V exp_of_reduced(V r, V n, V biased) noexcept {
  V const r2 = r * r;
  V const p = (r * 0.166663223f + 0.4999997627f) + r2 * ((r * 0.008387723866f + 0.04167071896f) + r2 * 0.001377552866f);
  return scale_by_power((r + 1.f) + r2 * p, n, biased);
}
// Of x in [-105, 89], or NaN.
template <class V>
PETRA_INLINE V exp_in_range(V x) noexcept {
  V const biased = x * 1.44269504f + 12582912.f, n = biased - 12582912.f;
  return exp_of_reduced(n * 2.12194440e-4f + (x - n * 0.693359375f), n, biased);
}

// exp(x + rest): for arguments known more exactly than a float holds. Pre: |rest| <= 0.08.
template <class V>
PETRA_INLINE V exp_of_sum(V x, V rest) noexcept {
  x = at_least(at_most(x, 89.f), -105.f);  // beyond: inf and 0
  V const biased = x * 1.44269504f + 12582912.f, n = biased - 12582912.f;
  return exp_of_reduced((x - n * 0.693359375f) + (n * 2.12194440e-4f + rest), n, biased);
}

template <class V>
PETRA_INLINE V exp(V x) noexcept {
  return exp_in_range(at_least(at_most(x, 89.f), -105.f));
}

// The exponential needs one bound only, and of its sign bit: 0.58 us for 4096 floats instead of 0.68.
template <class V>
PETRA_INLINE V sigmoid(V x) noexcept {
  V const e = exp_in_range(at_least((V)((bits_of<V>)x | (-0x7fffffff - 1)), -105.f)), one = V{} + 1.f;
  return (x < V{} ? e : one) / (one + e);
}

}  // namespace petra::elementary
