// ReLU and its gradient on n floats, in L2 and in L3.
#include "petra/kernel/simd/relu.hpp"
#include "../arrays.hpp"
#include "../peers/onednn_elementwise.hpp"
#include "../peers/xnnpack_elementwise.hpp"

namespace {

using namespace petra;
using bench::arrays;

void enroll(index_t n) {
  auto const row = [n](char const* name, double operands) {
    return bench::row{.name = name, .shape = std::to_string(n), .bytes = operands * 4 * static_cast<double>(n)};
  };
  auto const fresh = [n] { return arrays(n); };
  bench::row forward = row("relu", 2);
  bench::twins(forward, fresh, [n](auto tag, arrays& o) { kernel::relu(tag, n, o.a.data(), o.y.data()); });
  forward.arm("eigen", [n] {
    return bench::work_on(arrays(n), [](arrays& o) { bench::eigen(o.y) = bench::eigen(o.a).max(0.f); });
  });
#if BENCH_ONEDNN
  forward.arm("onednn", [n] { return bench::onednn::eltwise(dnnl::algorithm::eltwise_relu, bench::floats(n, 1)); });
#endif
#if BENCH_XNNPACK
  forward.arm("xnnpack", [n] { return bench::xnnpack::relu(bench::floats(n, 1)); });
#endif

  bench::row backward = row("relu_backward", 4);
  bench::twins(backward, fresh,
               [n](auto tag, arrays& o) { kernel::relu_backward(tag, n, o.a.data(), o.b.data(), o.y.data()); });
  backward.arm("eigen", [n] {
    return bench::work_on(
        arrays(n), [](arrays& o) { bench::eigen(o.y) += (bench::eigen(o.a) > 0.f).select(bench::eigen(o.b), 0.f); });
  });
#if BENCH_ONEDNN
  backward.arm("onednn", [n] {
    return bench::onednn::eltwise_backward(dnnl::algorithm::eltwise_relu_use_dst_for_bwd, true, bench::floats(n, 1),
                                           bench::floats(n, 2));
  });
#endif
}

[[maybe_unused]] int const enrolled = [] {
  enroll(1 << 15);
  enroll(1 << 20);
  return 0;
}();

}  // namespace
