// Smooth activations and their gradients on n floats in [-4, 4): the feed-forward layer of the small transformer, and
// what does not fit in L1.
#include "petra/kernel/simd/activation.hpp"
#include "../arrays.hpp"
#include "../peers/onednn_elementwise.hpp"
#include "../peers/xnnpack_elementwise.hpp"

namespace {

using namespace petra;
using bench::arrays;

// Results of oneDNN and Eigen where they have the function; of_result: their gradient is one of y, too.
struct peers {
  int onednn = 0, onednn_backward = 0;
  float alpha = 0;
};

template <class F>
void enroll(std::string const& name, index_t n, [[maybe_unused]] peers p) {
  auto const row = [n](std::string const& title, double operands) {
    return bench::row{.name = title, .shape = std::to_string(n), .bytes = operands * 4 * static_cast<double>(n)};
  };
  // The gradient of a function of its result takes a result.
  float const size = F::of_result ? 1.f : 4.f;
  bench::row forward = row(name, 2), backward = row(name + "_backward", 4);
  bench::twins(
      forward, [n] { return arrays(n, -4.f, 4.f); },
      [n](auto tag, arrays& o) { kernel::activate<F>(tag, n, o.a.data(), o.y.data()); });
  bench::twins(
      backward, [=] { return arrays(n, -size, size); },
      [n](auto tag, arrays& o) { kernel::activate_backward<F>(tag, n, o.a.data(), o.b.data(), o.y.data()); });
  if constexpr (std::is_same_v<F, kernel::activations::sigmoid>)
    forward.arm("eigen", [n] {
      return bench::work_on(arrays(n, -4.f, 4.f),
                            [](arrays& o) { bench::eigen(o.y) = ((-bench::eigen(o.a)).exp() + 1.f).inverse(); });
    });
  if constexpr (std::is_same_v<F, kernel::activations::tanh>)
    forward.arm("eigen", [n] {
      return bench::work_on(arrays(n, -4.f, 4.f), [](arrays& o) { bench::eigen(o.y) = bench::eigen(o.a).tanh(); });
    });
#if BENCH_ONEDNN
  forward.arm("onednn", [=] {
    return bench::onednn::eltwise(static_cast<dnnl::algorithm>(p.onednn), bench::floats(n, 1, -4.f, 4.f), p.alpha);
  });
  backward.arm("onednn", [=] {
    return bench::onednn::eltwise_backward(static_cast<dnnl::algorithm>(p.onednn_backward), F::of_result,
                                           bench::floats(n, 1, -size, size), bench::floats(n, 2, -size, size), p.alpha);
  });
#endif
#if BENCH_XNNPACK
  if constexpr (std::is_same_v<F, kernel::activations::sigmoid>)
    forward.arm("xnnpack", [n] { return bench::xnnpack::sigmoid(bench::floats(n, 1, -4.f, 4.f)); });
#endif
}

[[maybe_unused]] int const enrolled = [] {
  using namespace kernel::activations;
#if BENCH_ONEDNN
  using a = dnnl::algorithm;
  auto const of = [](a forward, a backward, float alpha = 0) {
    return peers{static_cast<int>(forward), static_cast<int>(backward), alpha};
  };
  peers const logistic = of(a::eltwise_logistic, a::eltwise_logistic_use_dst_for_bwd),
              hyperbolic = of(a::eltwise_tanh, a::eltwise_tanh_use_dst_for_bwd),
              erf = of(a::eltwise_gelu_erf, a::eltwise_gelu_erf),
              approximate = of(a::eltwise_gelu_tanh, a::eltwise_gelu_tanh),
              swish = of(a::eltwise_swish, a::eltwise_swish, 1);
#else
  peers const logistic, hyperbolic, erf, approximate, swish;
#endif
  for (index_t const n : {64 * 256, 1 << 18}) {
    enroll<sigmoid>("sigmoid", n, logistic);
    enroll<kernel::activations::tanh>("tanh", n, hyperbolic);
    enroll<gelu>("gelu", n, erf);
    enroll<gelu_tanh>("gelu_tanh", n, approximate);
    enroll<silu>("silu", n, swish);
  }
  return 0;
}();

}  // namespace
