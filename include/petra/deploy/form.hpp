// Forms of a convolution: kernels that compute the same function of one layer, each with constants of its own.
//
// What a form can hold is a property of the weights, found by looking at them: which are zero, which are small. A form
// computes what the dense kernel computes, bit for bit in integers, within rounding in float; bf16, which is another
// number format and never chosen unasked, within 2^-7 of the sum of the magnitudes of a layer's products.
#pragma once
#include "petra/deploy/assign_formats.hpp"
#include "petra/deploy/step.hpp"

namespace petra::inline PETRA_ABI::deploy {

// A matrix product on rows that lie side by side: a dense layer over the whole map, or a 1x1 convolution.
[[nodiscard]] inline bool is_product(graph const& g, index_t i) {
  node const& n = g[i];
  bool const pixelwise = n.kernel_h == 1 && n.kernel_w == 1 && n.stride == 1 && n.pad == 0;
  return n.kind == op::conv2d && n.groups == 1 && (pixelwise || covers_map(g, n));
}

// Extents of the product that node i is. Pre: is_product(g, i).
struct product_extents {
  index_t rows, inputs, outputs;
};
[[nodiscard]] inline product_extents product_of(graph const& g, index_t i) {
  node const& n = g[i];
  return {n.out.h * n.out.w, n.weight.size() / n.out.c, n.out.c};
}

// The kernel that computes n in form f. Pre: g has gone through run_passes; n is a conv2d that reads nodes of g.
[[nodiscard]] inline kernel_kind kind_of(graph const& g, node const& n, form f) {
  map_shape const in = g[n.inputs[0]].out;
  bool const depthwise = n.groups > 1 && n.groups == in.c && in.c == n.out.c;
  if (n.dilation > 1 && n.groups == 1) return n.is_int8() ? kernel_kind::conv1d_s8 : kernel_kind::conv1d_f32;
  if (f == form::low_rank) return n.is_int8() ? kernel_kind::dense_low_rank_s8 : kernel_kind::dense_low_rank_f32;
  if (!n.is_int8()) {
    if (f == form::winograd) return kernel_kind::winograd_f32;
    if (f == form::block_sparse) return kernel_kind::dense_block_sparse_f32;
    if (f == form::bf16) return covers_map(g, n) ? kernel_kind::dense_bf16 : kernel_kind::conv2d_bf16;
    return depthwise ? kernel_kind::depthwise_f32 : covers_map(g, n) ? kernel_kind::dense_f32 : kernel_kind::conv2d_f32;
  }
  if (f == form::int4) return n.out_grid ? kernel_kind::dense_s4_s8 : kernel_kind::dense_s4_s8_f32;
  if (f == form::two_of_four) return n.out_grid ? kernel_kind::dense_2_4_s8 : kernel_kind::dense_2_4_s8_f32;
  if (f == form::block_sparse)
    return n.out_grid ? kernel_kind::dense_block_sparse_s8 : kernel_kind::dense_block_sparse_s8_f32;
  if (!n.out_grid) return kernel_kind::dense_s8_f32;
  return depthwise ? kernel_kind::depthwise_s8 : kernel_kind::conv2d_s8;
}
[[nodiscard]] inline kernel_kind kind_of(graph const& g, index_t i, form f) { return kind_of(g, g[i], f); }

}  // namespace petra::deploy
