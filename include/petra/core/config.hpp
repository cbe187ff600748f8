// Every PETRA_ macro that changes code, in one place; nothing else in petra defines one.
//
// PETRA_VERSION       MAJOR * 10000 + MINOR * 100 + PATCH
// PETRA_ABI           inline namespace: version and instruction set. Translation units built with different flags then fail
//                     to link instead of sharing one inline function compiled for two vector widths.
// PETRA_CHECKED       1: preconditions (core/assert.hpp) are tested. Default: 1 without NDEBUG, 0 with it.
// PETRA_VECTOR_BYTES  width of the widest vector the compiler may use: 64, 32 or 16.
// PETRA_INLINE        for the few functions that must be inlined for their registers to stay registers.
#pragma once

#define PETRA_VERSION 100

#if !defined(PETRA_CHECKED)
#if defined(NDEBUG)
#define PETRA_CHECKED 0
#else
#define PETRA_CHECKED 1
#endif
#endif

#if defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512BF16__)
#define PETRA_ABI v0_1_avx512vnni_bf16
#define PETRA_VECTOR_BYTES 64
#elif defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__)
#define PETRA_ABI v0_1_avx512vnni
#define PETRA_VECTOR_BYTES 64
#elif defined(__AVX512F__) && defined(__AVX512BW__)
#define PETRA_ABI v0_1_avx512
#define PETRA_VECTOR_BYTES 64
#elif defined(__AVX2__) && defined(__FMA__)
#define PETRA_ABI v0_1_avx2
#define PETRA_VECTOR_BYTES 32
#elif defined(__ARM_FEATURE_DOTPROD)
#define PETRA_ABI v0_1_neon_dotprod
#define PETRA_VECTOR_BYTES 16
#elif defined(__ARM_NEON)
#define PETRA_ABI v0_1_neon
#define PETRA_VECTOR_BYTES 16
#elif defined(__SSE2__)
#define PETRA_ABI v0_1_sse2
#define PETRA_VECTOR_BYTES 16
#else
#define PETRA_ABI v0_1_portable
#define PETRA_VECTOR_BYTES 16
#endif

#define PETRA_INLINE [[gnu::always_inline]] inline

// The code, and its text under `name`: a kernel of a user's own (deploy/call_of.hpp).
#define PETRA_WITH_TEXT(name, ...) \
  __VA_ARGS__                      \
  inline constexpr char const* name = #__VA_ARGS__;
