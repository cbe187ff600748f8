// What one core can do at most, in operations a second: a loop of independent multiply-adds that touches registers only.
//
// f32: fused multiply-adds. bf16: VDPBF16PS, where there is none the f32 loop. s8: VPDPBUSD; without VNNI the multiply-add
// of int16 pairs and the addition that follows it, which is what a path that must not saturate can use.
#pragma once
#include <algorithm>
#include <chrono>

#include "petra/core/config.hpp"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace bench {

enum class peak { none, f32, bf16, s8 };

namespace peak_loops {

// Two units of four cycles need eight sums on their way; twelve leave room.
inline constexpr int sums = 12;
inline constexpr int rounds = 20000;

// Runs step(sum) on each of the sums, and says how many operations that was.
template <class Vector, class Step>
[[gnu::noinline]] double run(double operations_per_step, Vector zero, Step step) {
  Vector sum[sums];
#pragma GCC unroll 12
  for (int j = 0; j < sums; ++j) sum[j] = zero;
  for (int i = 0; i < rounds; ++i) {
#pragma GCC unroll 12
    for (int j = 0; j < sums; ++j) step(sum[j]);
  }
#pragma GCC unroll 12
  for (int j = 0; j < sums; ++j) step(sum[j]);  // read once more: they stay in registers until here
  return operations_per_step * sums * (rounds + 1);
}

#if defined(__AVX512F__)
#define BENCH_STEP(instruction)                                                         \
  [](__m512 & s) __attribute__((always_inline)) {                                       \
    asm volatile(instruction " %0, %0, %0" : "+v"(s)); /* no dependence between sums */ \
  }
inline double f32() { return run(32, _mm512_setzero_ps(), BENCH_STEP("vfmadd231ps")); }
#if defined(__AVX512BF16__)
inline double bf16() { return run(64, _mm512_setzero_ps(), BENCH_STEP("vdpbf16ps")); }
#else
inline double bf16() { return f32(); }
#endif
#if defined(__AVX512VNNI__)
inline double s8() { return run(128, _mm512_setzero_ps(), BENCH_STEP("vpdpbusd")); }
#elif defined(__AVX512BW__)
inline double s8() {
  return run(
      64, _mm512_setzero_ps(), [](__m512 & s) __attribute__((always_inline)) {
        __m512 t;
        asm volatile("vpmaddwd %1, %1, %0\n\tvpaddd %0, %1, %1" : "=&v"(t), "+v"(s));
      });
}
#else
inline double s8() { return 0; }
#endif
#undef BENCH_STEP
#elif defined(__AVX2__) && defined(__FMA__)
inline double f32() {
  return run(
      16, _mm256_setzero_ps(), [](__m256 & s) __attribute__((always_inline)) {
        asm volatile("vfmadd231ps %0, %0, %0" : "+x"(s));
      });
}
inline double bf16() { return f32(); }
inline double s8() {
  return run(
      32, _mm256_setzero_ps(), [](__m256 & s) __attribute__((always_inline)) {
        __m256 t;
        asm volatile("vpmaddwd %1, %1, %0\n\tvpaddd %0, %1, %1" : "=&x"(t), "+x"(s));
      });
}
#elif defined(__SSE2__)
inline double f32() {
  return run(
      8, _mm_setzero_ps(), [](__m128 & s) __attribute__((always_inline)) {
        __m128 t = _mm_setzero_ps();
        asm volatile("mulps %0, %0\n\taddps %0, %1" : "+x"(t), "+x"(s));
      });
}
inline double bf16() { return f32(); }
inline double s8() {
  return run(
      16, _mm_setzero_ps(), [](__m128 & s) __attribute__((always_inline)) {
        __m128 t = _mm_setzero_ps();
        asm volatile("pmaddwd %0, %0\n\tpaddd %0, %1" : "+x"(t), "+x"(s));
      });
}
#else
inline double f32() { return 0; }
inline double bf16() { return 0; }
inline double s8() { return 0; }
#endif

}  // namespace peak_loops

// Operations a second, best of three loops of about 0.1 ms; 0 where it is not known.
inline double peak_rate(peak p) {
  if (p == peak::none) return 0;
  double best = 0;
  for (int i = 0; i < 3; ++i) {
    auto const start = std::chrono::steady_clock::now();
    double const operations = p == peak::f32    ? peak_loops::f32()
                              : p == peak::bf16 ? peak_loops::bf16()
                                                : peak_loops::s8();
    std::chrono::duration<double> const t = std::chrono::steady_clock::now() - start;
    best = std::max(best, operations / t.count());
  }
  return best;
}

// Of the core on which the times of absent peers were recorded.
constexpr double recorded_peak(peak p) { return p == peak::s8 ? 1056e9 : p == peak::bf16 ? 537e9 : 269e9; }

}  // namespace bench
