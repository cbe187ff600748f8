// Maximum over windows in training and its gradient, batch 64: halving a map of ResNet-8 or ResNet-20, and overlapping
// windows.
#include "petra/kernel/simd/max_pool.hpp"
#include "pool_arms.hpp"

namespace {

using namespace petra;
using bench::pool_tensors;

void enroll(kernel::pool2d_dims const& d) {
  bench::row forward = bench::pool_row("max_pool", d), backward = bench::pool_row("max_pool_backward", d);
  bench::twins(
      forward, [d] { return pool_tensors(d, false); },
      [d](auto tag, pool_tensors& o) { kernel::max_pool(tag, d, o.x.data(), o.y.data(), o.argmax.data()); });
  bench::twins(
      backward,
      [d] {
        pool_tensors o(d, true), forward_pass(d, false);
        kernel::max_pool(kernel::best, d, forward_pass.x.data(), forward_pass.y.data(), o.argmax.data());
        return o;
      },
      [d](auto tag, pool_tensors& o) { kernel::max_pool_backward(tag, d, o.argmax.data(), o.x.data(), o.y.data()); });
#if BENCH_ONEDNN
  auto const theirs = bench::pool_of(d, dnnl::algorithm::pooling_max);
  index_t const n = d.n * d.h * d.w * d.c, out = d.n * d.out_h() * d.out_w() * d.c;
  forward.arm("onednn", [=] { return bench::onednn::pool(theirs, bench::floats(n, 1), true); });
  backward.arm("onednn",
               [=] { return bench::onednn::pool_backward(theirs, bench::floats(n, 1), bench::floats(out, 2)); });
#endif
}

[[maybe_unused]] int const enrolled = [] {
  enroll({64, 32, 32, 16, 2, 2, 2, 0});
  enroll({64, 16, 16, 32, 2, 2, 2, 0});
  enroll({64, 32, 32, 16, 3, 3, 2, 0});
  return 0;
}();

}  // namespace
