// Kernels of another precision for the ops that multiply, as a table of functions: who trains in float compiles none of them.
#pragma once
#include "petra/kernel/conv2d_dims.hpp"
#include "petra/kernel/gemm_dims.hpp"
#include "petra/kernel/workspace.hpp"

namespace petra::inline PETRA_ABI {

// Operands and results are floats in memory; weights are packed once for all samples, in words of a float's size.
// The one of petra: `bf16_products<>` (grad/bf16.hpp).
struct products {
  using dims = kernel::conv2d_dims;
  using gemm = kernel::gemm_dims;
  using workspace = kernel::workspace;

  index_t (*packed_conv2d_size)(dims const&);
  void (*pack_conv2d)(dims const&, float const* w, float* packed, workspace&);
  // y = x * w + bias; bias may be null.
  void (*conv2d)(dims, float const* x, float const* packed, float const* bias, float* y, workspace&);

  index_t (*packed_conv2d_gradient_size)(dims const&);
  void (*pack_conv2d_gradient)(dims const&, float const* w, float* packed, workspace&);
  // dx = or += dy * w, transposed.
  void (*conv2d_backward_data)(dims, float const* dy, float const* packed, float* dx, bool accumulate, workspace&);
  // dw += dy * x.
  void (*conv2d_backward_weight)(dims, float const* x, float const* dy, float* dw, workspace&);

  // B (K,N) with element (i,j) at b[i * row + j * col].
  index_t (*packed_b_size)(index_t k, index_t n);
  void (*pack_b)(index_t k, index_t n, float const* b, index_t row, index_t col, float* packed, workspace&);
  // C (M,N) = or += A (M,K) . B + bias, A and C without gaps; bias may be null.
  void (*gemm_packed)(gemm, float const* a, float const* packed, float const* bias, float* c, bool accumulate,
                      workspace&);
  // C (M,N) = or += A (K,M)^T . B (K,N), all without gaps.
  void (*gemm_transposed)(gemm, float const* a, float const* b, float* c, bool accumulate, workspace&);
};

}  // namespace petra
