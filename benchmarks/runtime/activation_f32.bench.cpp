// Elementwise functions at the size of the small transformer's feed-forward layer (64 tokens of 256) and of one of its
// projections.
#include "petra/runtime/activation_f32.hpp"
#include "../arrays.hpp"
#include "../peers/onednn_elementwise.hpp"
#include "../peers/xnnpack_elementwise.hpp"
#include "petra/kernel/reference/activation.hpp"

namespace {

using namespace petra;
using bench::arrays;

template <class Activation, class Exact>
bench::row enroll(std::string const& name, index_t n, Exact exact) {
  bench::row r{.name = name, .shape = std::to_string(n), .bytes = 8. * static_cast<double>(n)};
  auto const fresh = [n] { return arrays(n, -4.f, 4.f); };
  r.arm("reference", [=] {
    return bench::work_on(fresh(), [=](arrays& o) {
      for (std::size_t i = 0; i < o.a.size(); ++i) o.y[i] = exact(o.a[i]);
    });
  });
  r.arm("petra_dynamic", [=] {
    return bench::work_on(fresh(), [n](arrays& o) { rt::activate_f32<Activation>(n, o.a.data(), o.y.data()); });
  });
  return r;
}

void enroll_all(index_t n) {
  auto const x = [n] { return bench::floats(n, 1, -4.f, 4.f); };
  [[maybe_unused]] auto const eigen = [n](bench::row& r, auto run) {
    r.arm("eigen", [=] {
      return bench::work_on(arrays(n, -4.f, 4.f), [=](arrays& o) { bench::eigen(o.y) = run(bench::eigen(o.a)); });
    });
  };
  namespace exact = kernel::activations;
  auto exp = enroll<rt::activation::exp>("exp_f32", n, [](float v) { return std::exp(v); });
  auto sigmoid = enroll<rt::activation::sigmoid>("sigmoid_f32", n, [](float v) { return exact::sigmoid::of(v); });
  auto tanh = enroll<rt::activation::tanh>("tanh_f32", n, [](float v) { return std::tanh(v); });
  auto gelu = enroll<rt::activation::gelu>("gelu_f32", n, [](float v) { return exact::gelu::of(v); });
  auto gelu_tanh =
      enroll<rt::activation::gelu_tanh>("gelu_tanh_f32", n, [](float v) { return exact::gelu_tanh::of(v); });
  auto silu = enroll<rt::activation::silu>("silu_f32", n, [](float v) { return exact::silu::of(v); });
  eigen(exp, [](auto const& v) { return v.exp(); });
  eigen(sigmoid, [](auto const& v) { return ((-v).exp() + 1.f).inverse(); });
  eigen(tanh, [](auto const& v) { return v.tanh(); });
  eigen(silu, [](auto const& v) { return v * ((-v).exp() + 1.f).inverse(); });
#if BENCH_ONEDNN
  using a = dnnl::algorithm;
  exp.arm("onednn", [=] { return bench::onednn::eltwise(a::eltwise_exp, x()); });
  sigmoid.arm("onednn", [=] { return bench::onednn::eltwise(a::eltwise_logistic, x()); });
  tanh.arm("onednn", [=] { return bench::onednn::eltwise(a::eltwise_tanh, x()); });
  gelu.arm("onednn", [=] { return bench::onednn::eltwise(a::eltwise_gelu_erf, x()); });
  gelu_tanh.arm("onednn", [=] { return bench::onednn::eltwise(a::eltwise_gelu_tanh, x()); });
  silu.arm("onednn", [=] { return bench::onednn::eltwise(a::eltwise_swish, x(), 1); });
#endif
#if BENCH_XNNPACK
  sigmoid.arm("xnnpack", [=] { return bench::xnnpack::sigmoid(x()); });
#endif
}

[[maybe_unused]] int const enrolled = [] {
  enroll_all(64 * 64);
  enroll_all(64 * 256);
  return 0;
}();

}  // namespace
