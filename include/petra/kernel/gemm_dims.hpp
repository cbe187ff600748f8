// Sizes of a matrix product.
#pragma once
#include "petra/core/extents.hpp"

namespace petra::inline PETRA_ABI::kernel {

// C (M,N) = A (M,K) . B (K,N)
struct gemm_dims {
  index_t m, n, k;
};

}  // namespace petra::kernel
