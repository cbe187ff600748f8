// Which instruction set the runtime kernels of this build use: part of every cost, and what a machine must have to run
// them.
#pragma once
#include "petra/core/config.hpp"

namespace petra::inline PETRA_ABI::deploy {

constexpr char const* instruction_set() {
#if defined(__AVX512VNNI__) && defined(__AVX512BW__) && defined(__AVX512VL__)
  return "avx512vnni";
#elif defined(__AVX512F__) && defined(__AVX512BW__)
  return "avx512";
#elif defined(__AVX2__) && defined(__FMA__)
  return "avx2";
#elif defined(__ARM_FEATURE_DOTPROD)
  return "neon_dotprod";
#elif defined(__ARM_NEON)
  return "neon";
#elif defined(__SSE2__)
  return "sse2";
#else
  return "portable";
#endif
}

}  // namespace petra::deploy
