// Mixed precision: `tape.bf16 = &bf16_products<>;`. Convolutions and matrix products, forward and backward, round their operands to
// bf16 and add in float. Weights, gradients and all that is kept stay float, so that small updates are not lost.
//
// Source: Micikevicius et al., "Mixed Precision Training", ICLR 2018, sec. 3.1; bf16 has a float's exponent, so that the loss
// needs no scaling (Kalamkar et al., "A Study of BFLOAT16 for Deep Learning Training", arXiv:1905.12322).
// Deterministic. Twice float's rate with AVX512-BF16; elsewhere the rounded numbers are multiplied as floats.
#pragma once
#include "petra/grad/products.hpp"
#include "petra/kernel/simd/conv2d_rounded.hpp"
#include "petra/kernel/simd/gemm_bf16.hpp"

namespace petra::inline PETRA_ABI {

template <class = void>  // so that these kernels are compiled where it is named
inline constexpr products bf16_products{
    .packed_conv2d_size =
        [](kernel::conv2d_dims const& d) { return kernel::packed_conv2d_rounded_size(kernel::best, d); },
    .pack_conv2d = [](kernel::conv2d_dims const& d, float const* w, float* packed,
                      kernel::workspace& scratch) { kernel::pack_conv2d_rounded(kernel::best, d, w, packed, scratch); },
    .conv2d = [](kernel::conv2d_dims d, float const* x, float const* packed, float const* bias, float* y,
                 kernel::workspace& scratch) { kernel::conv2d_rounded(kernel::best, d, x, packed, bias, y, scratch); },
    .packed_conv2d_gradient_size =
        [](kernel::conv2d_dims const& d) { return kernel::packed_conv2d_gradient_rounded_size(kernel::best, d); },
    .pack_conv2d_gradient =
        [](kernel::conv2d_dims const& d, float const* w, float* packed, kernel::workspace& scratch) {
          kernel::pack_conv2d_gradient_rounded(kernel::best, d, w, packed, scratch);
        },
    .conv2d_backward_data =
        [](kernel::conv2d_dims d, float const* dy, float const* packed, float* dx, bool accumulate,
           kernel::workspace& scratch) {
          kernel::conv2d_backward_data_rounded(kernel::best, d, dy, packed, dx, accumulate, scratch);
        },
    .conv2d_backward_weight =
        [](kernel::conv2d_dims d, float const* x, float const* dy, float* dw, kernel::workspace& scratch) {
          kernel::conv2d_backward_weight_rounded(kernel::best, d, x, dy, dw, scratch);
        },
    .packed_b_size = [](index_t k, index_t n) { return (kernel::packed_b_bf16_size(kernel::best, k, n) + 1) / 2; },
    .pack_b =
        [](index_t k, index_t n, float const* b, index_t row, index_t col, float* packed, kernel::workspace& scratch) {
          kernel::workspace::scope const release(scratch);
          // Row- or column-major without gaps: either way k * n numbers side by side.
          kernel::pack_b_bf16(kernel::best, k, n, kernel::simd::narrow(k * n, b, scratch), row, col,
                              reinterpret_cast<kernel::bf16*>(packed));
        },
    .gemm_packed =
        [](kernel::gemm_dims d, float const* a, float const* packed, float const* bias, float* c, bool accumulate,
           kernel::workspace& scratch) {
          kernel::workspace::scope const release(scratch);
          kernel::gemm_bf16_packed(kernel::best, d, kernel::simd::narrow(d.m * d.k, a, scratch), d.k, index_t{1},
                                   reinterpret_cast<kernel::bf16 const*>(packed), bias, c, d.n, accumulate,
                                   kernel::activation::none, scratch);
        },
    .gemm_transposed =
        [](kernel::gemm_dims d, float const* a, float const* b, float* c, bool accumulate, kernel::workspace& scratch) {
          kernel::workspace::scope const release(scratch);
          kernel::bf16 const* const left = kernel::simd::narrow(d.k * d.m, a, scratch);
          kernel::gemm_bf16(kernel::best, d, left, index_t{1}, d.m, kernel::simd::narrow(d.k * d.n, b, scratch), d.n,
                            index_t{1}, c, d.n, accumulate, scratch);
        }};

}  // namespace petra
