// Conversion of arrays between float and bfloat16 (kernel/bf16.hpp says how one number is rounded).
#pragma once
#include "petra/core/extents.hpp"
#include "petra/kernel/bf16.hpp"
#include "petra/kernel/tags.hpp"

namespace petra::inline PETRA_ABI::kernel {

constexpr void to_bf16(scalar_tag, index_t n, float const* x, bf16* y) {
  for (index_t i = 0; i < n; ++i) y[i] = to_bf16(x[i]);
}

constexpr void to_float(scalar_tag, index_t n, bf16 const* x, float* y) {
  for (index_t i = 0; i < n; ++i) y[i] = to_float(x[i]);
}

}  // namespace petra::kernel
