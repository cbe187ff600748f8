// Operands of pooling in training, for its benchmarks.
#pragma once
#include "../arrays.hpp"
#include "../peers/onednn_elementwise.hpp"
#include "../peers/xnnpack_elementwise.hpp"
#include "petra/kernel/pool2d_dims.hpp"

namespace bench {

// x -> y: the map to its windows, or (backward) gradients of windows to gradients of the map.
struct pool_tensors {
  pool_tensors(petra::kernel::pool2d_dims const& d, bool backward) {
    index_t const map = d.n * d.h * d.w * d.c, windows = d.n * d.out_h() * d.out_w() * d.c;
    x = aligned(floats(backward ? windows : map, backward ? 2 : 1));
    y.resize(static_cast<std::size_t>(backward ? map : windows));
    argmax.resize(static_cast<std::size_t>(windows));
  }
  lines<float> x, y;
  lines<std::int32_t> argmax;
};

// Bytes: the map, once.
inline row pool_row(char const* name, petra::kernel::pool2d_dims const& d) {
  auto const t = [](index_t i) { return std::to_string(i); };
  return {.name = name,
          .shape = t(d.h) + "x" + t(d.w) + "x" + t(d.c) + "_k" + t(d.kernel_h) + "_s" + t(d.stride) + "_b" + t(d.n),
          .bytes = 4. * static_cast<double>(d.n * d.h * d.w * d.c)};
}

#if BENCH_ONEDNN
inline onednn::pool_operands pool_of(petra::kernel::pool2d_dims const& d, dnnl::algorithm a) {
  return {d.n, d.h, d.w, d.c, d.kernel_h, d.stride, a};
}
#endif

}  // namespace bench
