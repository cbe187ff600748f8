// Mean over windows in training and its gradient, batch 64: the whole map of ResNet-8 and ResNet-20, and halving.
#include "petra/kernel/simd/avg_pool.hpp"
#include "pool_arms.hpp"

namespace {

using namespace petra;
using bench::pool_tensors;

void enroll(kernel::pool2d_dims const& d) {
  bench::row forward = bench::pool_row("avg_pool", d), backward = bench::pool_row("avg_pool_backward", d);
  bench::twins(
      forward, [d] { return pool_tensors(d, false); },
      [d](auto tag, pool_tensors& o) { kernel::avg_pool(tag, d, o.x.data(), o.y.data()); });
  bench::twins(
      backward, [d] { return pool_tensors(d, true); },
      [d](auto tag, pool_tensors& o) { kernel::avg_pool_backward(tag, d, o.x.data(), o.y.data()); });
#if BENCH_ONEDNN
  auto const theirs = bench::pool_of(d, dnnl::algorithm::pooling_avg_exclude_padding);
  index_t const n = d.n * d.h * d.w * d.c, out = d.n * d.out_h() * d.out_w() * d.c;
  forward.arm("onednn", [=] { return bench::onednn::pool(theirs, bench::floats(n, 1), true); });
  backward.arm("onednn",
               [=] { return bench::onednn::pool_backward(theirs, bench::floats(n, 1), bench::floats(out, 2)); });
#endif
#if BENCH_XNNPACK
  if (d.out_h() == 1)
    forward.arm("xnnpack",
                [=] { return bench::xnnpack::mean(d.n, d.h * d.w, d.c, bench::floats(d.n * d.h * d.w * d.c, 1)); });
#endif
}

[[maybe_unused]] int const enrolled = [] {
  enroll({64, 8, 8, 64, 8, 8, 1, 0});
  enroll({64, 32, 32, 16, 2, 2, 2, 0});
  return 0;
}();

}  // namespace
