// Gradient of a convolution with respect to its weights, in float.
//
// One kernel row of dw (O, KW*C) is dy (P,O)^T . patches (P, KW*C), the patches being contiguous runs of the padded
// picture: `column_tile` reads both in place and writes dw in its own layout. The sum runs over a whole picture before
// dw is touched.
#pragma once
#include "petra/kernel/reference/conv2d.hpp"
#include "petra/kernel/simd/column_tile.hpp"
#include "petra/kernel/simd/lanewise.hpp"
#include "petra/kernel/simd/padded.hpp"
#include "petra/kernel/simd/transpose.hpp"

namespace petra::inline PETRA_ABI::kernel {

namespace simd {

// to (columns, rows) += from (rows, columns)^T. Pre: columns % lanes == 0.
template <class = void>
inline void add_transposed(index_t rows, index_t columns, float const* from, float* to) {
  for (index_t j = 0; j < columns; j += lanes)
    for (index_t i = 0; i < rows; i += lanes) {
      index_t const n = std::min(lanes, rows - i);
      alignas(PETRA_VECTOR_BYTES) float block[lanes * lanes];
      transpose_block(from + i * columns + j, columns, n, block, lanes);
      for (index_t k = 0; k < lanes; ++k) {
        float* const p = to + (j + k) * rows + i;
        store_first(p, load_first(p, n) + load(block + k * lanes), n);
      }
    }
}

// Sums one picture after the other into dw, whichever way round the tiles are; for any kind of words.
class weight_gradient {
 public:
  // before, after: numbers at the begin of a row's first patch and at the end of its last that are padding and not there.
  weight_gradient(conv2d_dims const& d, float* dw, workspace& scratch, index_t before = 0, index_t after = 0)
      : d_(d), slab_(slab(d)), before_(before), after_(after), by_output_(vectors_along_outputs(d)), dw_(dw) {
    if (!by_output_) return;
    turned_ = scratch.take<float>(d.groups * d.patch() * d.group_o());
    std::fill_n(turned_, d.groups * d.patch() * d.group_o(), 0.f);
  }

  // Vectors lie along the outputs where those fill them and patches do not: for few channels, and for 1x1.
  static bool vectors_along_outputs(conv2d_dims const& d) {
    index_t const n = slab(d);
    return d.group_o() % lanes == 0 && (n <= lanes || n % lanes != 0);
  }
  // Weights whose inputs lie side by side: a row of the kernel, or with dilation a tap.
  static index_t slab(conv2d_dims const& d) { return (d.dilation.w == 1 ? d.kernel_w : 1) * d.group_c(); }

  // Whether padding on the sides need not be in memory: whole vectors of it.
  static bool knows_padding(conv2d_dims const& d) {
    return d.groups == 1 && d.dilation.w == 1 && d.c % lanes == 0 && !vectors_along_outputs(d);
  }

  // Group g of one picture: x with its padding, rows x_row words and the patches of neighboring `count` words of dy
  // x_step apart (rows that lie on the padding above and below are not read); dy with rows dy_row and pixels dy_step
  // apart.
  template <class Word>
  void add(index_t g, Word const* x, index_t x_row, index_t x_step, Word const* dy, index_t dy_row, index_t dy_step,
           index_t count) {
    index_t const oh = d_.out_h(), go = d_.group_o(), patch = d_.patch(), pad = d_.pad.top, stride = d_.stride.h;
    index_t const apart = d_.dilation.h;
    float* const sum = by_output_ ? turned_ + g * patch * go : dw_ + g * go * patch;
    auto const output = [&](index_t r) {  // the output row that kernel row 0 at row r of the padded picture makes
      return r < 0 ? 0 : (r + stride - 1) / stride;
    };
    if constexpr (registers == 32)
      if (by_output_ && slab_ == 9 && d_.dilation.w == 1 && d_.kernel_h == 3) {
        // 3x3 over three channels, the first layer of most networks: all 27 rows in one tile, where no row of it lies
        // on the padding.
        index_t const top = std::min(oh, output(pad)),
                      end = std::max(top, std::min(oh, output(pad + d_.h - 2 * apart)));
        column_product const all{end - top, count, x_step, stride * x_row, dy_step, dy_row, go, apart * x_row};
        for (index_t o = 0; o < go; o += lanes)
          column_tile<27, 1, 9>(all, x + top * stride * x_row, dy + top * dy_row + o, sum + o, lanes);
        for (index_t r = 0; r < 3; ++r) {
          rows(r, output(pad - r * apart), std::min(top, output(pad + d_.h - r * apart)), x, x_row, x_step, dy, dy_row,
               dy_step, count, sum);
          rows(r, std::max(end, output(pad - r * apart)), std::min(oh, output(pad + d_.h - r * apart)), x, x_row,
               x_step, dy, dy_row, dy_step, count, sum);
        }
        return;
      }
    for (index_t r = 0; r < d_.kernel_h; ++r)
      rows(r, output(pad - r * apart), std::min(oh, output(pad + d_.h - r * apart)), x, x_row, x_step, dy, dy_row,
           dy_step, count, sum);
  }

  // To be called once, after the last picture.
  void finish() const {
    index_t const go = d_.group_o(), patch = d_.patch();
    for (index_t g = 0; by_output_ && g < d_.groups; ++g)
      add_transposed(patch, go, turned_ + g * patch * go, dw_ + g * go * patch);
  }

 private:
  // Kernel row r over output rows [top, end).
  template <class Word>
  [[gnu::noinline]] void rows(index_t r, index_t top, index_t end, Word const* x, index_t x_row, index_t x_step,
                              Word const* dy, index_t dy_row, index_t dy_step, index_t count, float* sum) const {
    if (end <= top) return;
    index_t const go = d_.group_o(), patch = d_.patch(), gc = d_.group_c(), stride = d_.stride.h;
    Word const* p = x + (r * d_.dilation.h + top * stride) * x_row;
    Word const* const q = dy + top * dy_row;
    for (index_t at = r * d_.kernel_w * gc, end_of_row = at + d_.kernel_w * gc; at < end_of_row; at += slab_) {
      if (by_output_)
        column_tiles({end - top, count, x_step, stride * x_row, dy_step, dy_row, go}, slab_, go, p, q, sum + at * go);
      else
        column_tiles({end - top, count, dy_step, dy_row, x_step, stride * x_row, patch, 0, before_, after_}, go, slab_,
                     q, p, sum + at);
      p += d_.dilation.w * gc;
    }
  }

  conv2d_dims d_;
  index_t slab_, before_, after_;
  bool by_output_;
  float* dw_;
  float* turned_ = nullptr;  // (groups, patch, O/groups)
};

}  // namespace simd

// dw (O,KH,KW,C/groups) += dy (N,OH,OW,O) * x (N,H,W,C), summed over all pixels. Accumulates into dw.
// Cost: 2 * macs() operations.
template <std::derived_from<conv2d_dims> Dims = conv2d_dims>
[[gnu::cold]] void conv2d_backward_weight(simd_tag, Dims const& dims, float const* x, float const* dy, float* dw,
                                          workspace& scratch) {
  using namespace simd;
  expects(dims.valid(), "kernel: conv2d: dims.valid() must hold");
  if (dims.n == 0) return;
  if constexpr (!std::same_as<Dims, ungrouped_dims>)
    if (sums_lanewise(dims)) return lanewise_backward_weight(dims, x, dy, dw, scratch);
  workspace::scope const release(scratch);
  conv2d_dims const d = dims.flattened(32768 / dims.c);
  index_t const oh = d.out_h(), ow = d.out_w(), gc = d.group_c(), go = d.group_o();
  frame f{d.h, std::max(d.pad.left + d.w, (ow - 1) * d.stride.w + d.reach_w()), gc, 0, d.pad.left};
  // Where the tiles know the padding beside a picture it is read where it lies: 16 -> 16 channels, 32 x 32, 224 -> 237 GFLOP/s.
  // Rows of eight pixels lose 2 % instead, to the branch at their ends.
  index_t const left = d.pad.left, right = std::max<index_t>(f.cols - left - d.w, 0);
  bool const unframed = weight_gradient::knows_padding(d) && ow >= 16 && left <= d.stride.w && right <= d.stride.w;
  if (unframed) f = {d.h, d.w, d.c, 0, 0};
  // Whole vectors are read of every slab, so the last one needs room behind it.
  bool const copied = !f.trivial(d.h, d.w, d.c) ||
                      (!weight_gradient::vectors_along_outputs(d) && weight_gradient::slab(d) % lanes != 0);
  float* const padded = copied ? take_frame<float>(scratch, f, lanes) : nullptr;
  weight_gradient sum(d, dw, scratch, unframed ? left * gc : 0, unframed ? right * gc : 0);
  for (index_t n = 0; n < d.n; ++n)
    for (index_t g = 0; g < d.groups; ++g) {
      float const* const from = x + n * d.h * d.w * d.c + g * gc;
      if (copied) copy_rows(f, from, d.h, d.w, d.c, padded, 0, f.rows);
      sum.add(g, (copied ? padded : from) - d.pad.top * f.row() - (unframed ? left * gc : 0), f.row(), d.stride.w * gc,
              dy + n * oh * ow * d.o + g * go, ow * d.o, d.o, ow);
    }
  sum.finish();
}

}  // namespace petra::kernel
