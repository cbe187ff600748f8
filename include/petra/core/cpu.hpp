// Does this machine have the instructions that this program was compiled for? Ask first thing in main: a missing one
// ends the process without a word otherwise.
//
// Asked for are the sets that a compiler uses by itself when it may; what only intrinsics reach (SHA, AES) is not.
#pragma once
#include "petra/core/config.hpp"

#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

namespace petra::inline PETRA_ABI {

// The most basic instruction set that is compiled in and missing here, as a name; nullptr: all there.
inline char const* missing_instructions() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_cpu_init();
#if defined(__SSE4_2__)
  if (!__builtin_cpu_supports("sse4.2")) return "SSE4.2";
#endif
#if defined(__POPCNT__)
  if (!__builtin_cpu_supports("popcnt")) return "POPCNT";
#endif
#if defined(__AVX__)
  if (!__builtin_cpu_supports("avx")) return "AVX";
#endif
#if defined(__FMA__)
  if (!__builtin_cpu_supports("fma")) return "FMA";
#endif
#if defined(__BMI__)
  if (!__builtin_cpu_supports("bmi")) return "BMI1";
#endif
#if defined(__BMI2__)
  if (!__builtin_cpu_supports("bmi2")) return "BMI2";
#endif
#if defined(__AVX2__)
  if (!__builtin_cpu_supports("avx2")) return "AVX2";
#endif
#if defined(__AVX512F__)
  if (!__builtin_cpu_supports("avx512f")) return "AVX-512";
#endif
#if defined(__AVX512BW__)
  if (!__builtin_cpu_supports("avx512bw")) return "AVX-512 BW";
#endif
#if defined(__AVX512CD__)
  if (!__builtin_cpu_supports("avx512cd")) return "AVX-512 CD";
#endif
#if defined(__AVX512DQ__)
  if (!__builtin_cpu_supports("avx512dq")) return "AVX-512 DQ";
#endif
#if defined(__AVX512VL__)
  if (!__builtin_cpu_supports("avx512vl")) return "AVX-512 VL";
#endif
#if defined(__AVX512VNNI__)
  if (!__builtin_cpu_supports("avx512vnni")) return "AVX-512 VNNI";
#endif
#if defined(__AVX512VBMI__)
  if (!__builtin_cpu_supports("avx512vbmi")) return "AVX-512 VBMI";
#endif
#if defined(__AVX512VBMI2__)
  if (!__builtin_cpu_supports("avx512vbmi2")) return "AVX-512 VBMI2";
#endif
#if defined(__AVX512BITALG__)
  if (!__builtin_cpu_supports("avx512bitalg")) return "AVX-512 BITALG";
#endif
#if defined(__AVX512VPOPCNTDQ__)
  if (!__builtin_cpu_supports("avx512vpopcntdq")) return "AVX-512 VPOPCNTDQ";
#endif
#if defined(__AVX512BF16__)
  if (!__builtin_cpu_supports("avx512bf16")) return "AVX-512 BF16";
#endif
#elif defined(__aarch64__) && defined(__linux__) && defined(__ARM_FEATURE_DOTPROD)
  if ((getauxval(AT_HWCAP) & HWCAP_ASIMDDP) == 0) return "the dot product instructions";
#endif
  return nullptr;
}

}  // namespace petra
