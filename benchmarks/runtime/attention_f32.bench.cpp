// float multi-head attention, softmax, layer norm and elementwise functions at the sizes of the small transformer
// (64 tokens, d = 64, 4 heads).
#include "petra/runtime/attention_f32.hpp"
#include "../arms.hpp"
#include "petra/kernel/reference/attention.hpp"
#include "petra/kernel/reference/layer_norm.hpp"
#include "petra/runtime/activation_f32.hpp"

namespace {

using namespace petra;

constexpr auto small = rt::self_attention(64, 4, 16), large = rt::self_attention(128, 4, 32);

// y of one projection x (T, 3 heads W).
template <class Run>
struct attention {
  rt::attention_shape s;
  Run run;
  std::vector<float> x = bench::floats(s.queries * s.q_step, key(1)),
                     scratch = bench::floats(rt::attention_scratch(s), key(2)),
                     y = bench::floats(s.queries * s.heads * s.width, key(3));
  void operator()() { run(s, x.data(), scratch.data(), y.data()); }
  [[nodiscard]] std::vector<float> const& result() const { return y; }
};
template <class Run>
attention<Run> attend(rt::attention_shape const& s, Run run) {
  return {s, run};
}

template <rt::attention_shape S>
void attention_row(std::string const& shape) {
  bench::row r{.name = "attention_f32",
               .shape = shape,
               .operations = 4. * static_cast<double>(S.heads * S.queries * S.keys * S.width),
               .peak = bench::peak::f32};
  index_t const d = S.heads * S.width;
  r.arm("reference", [=] {
    return attend(S, [=](rt::attention_shape const& s, float const* x, float*, float* y) {
      kernel::attention(kernel::scalar_tag{}, {s.queries, s.keys, s.heads, s.width, s.q_step, s.kv_step}, x, x + d,
                        x + 2 * d, y);
    });
  });
  r.arm("petra_static", [=] {
    return attend(S, [=](rt::attention_shape const&, float const* x, float* scratch, float* y) {
      rt::attention_f32(rt::fixed<S>{}, x, x + d, x + 2 * d, scratch, y);
    });
  });
  r.arm("petra_dynamic", [=] {
    return attend(S, [=](rt::attention_shape const& s, float const* x, float* scratch, float* y) {
      rt::attention_f32(s, x, x + d, x + 2 * d, scratch, y);
    });
  });
}

// y = run(x), 64 x 64.
template <class Run>
struct map {
  Run run;
  std::vector<float> x = bench::floats(64 * 64, key(1), -4.f, 4.f), y = x;
  void operator()() { run(x.data(), y.data()); }
  [[nodiscard]] std::vector<float> const& result() const { return y; }
};

template <class Reference, class Petra>
void map_row(std::string const& name, Reference plain, Petra petra) {
  bench::row r{.name = name, .shape = "64x64", .bytes = 8. * 64 * 64};
  r.arm("reference", [=] { return map<Reference>{plain}; });
  r.arm("petra_dynamic", [=] { return map<Petra>{petra}; });
}

template <class Activation, class Exact>
void activation_row(std::string const& name, Exact exact) {
  map_row(
      name,
      [=](float const* x, float* y) {
        for (index_t i = 0; i < 64 * 64; ++i) y[i] = exact(x[i]);
      },
      [](float const* x, float* y) { rt::activate_f32<Activation>(64 * 64, x, y); });
}

[[maybe_unused]] int const enrolled = [] {
  attention_row<small>("t64h4w16");
  attention_row<large>("t128h4w32");
  map_row(
      "softmax_f32", [](float const* x, float* y) { kernel::softmax(kernel::scalar_tag{}, 64, 64, x, y); },
      [](float const* x, float* y) {
        rt::softmax_f32(rt::rows_shape{64, 64}, x, y);
      });
  map_row(
      "layer_norm_f32",
      [](float const* x, float* y) { kernel::layer_norm(kernel::scalar_tag{}, 64, 64, 1e-5f, x, x, x + 64, y); },
      [](float const* x, float* y) {
        rt::layer_norm_f32(rt::layer_norm_shape{64, 64}, x, nullptr, x, x + 64, y);
      });
  auto const logistic = [](float x) { return 1 / (1 + std::exp(-x)); };
  activation_row<rt::activation::exp>("exp_f32", [](float x) { return std::exp(x); });
  activation_row<rt::activation::sigmoid>("sigmoid_f32", logistic);
  activation_row<rt::activation::tanh>("tanh_f32", [](float x) { return std::tanh(x); });
  activation_row<rt::activation::gelu>("gelu_f32", [](float x) { return 0.5f * x * std::erfc(-0.70710678f * x); });
  activation_row<rt::activation::silu>("silu_f32", [=](float x) { return x * logistic(x); });
  return 0;
}();

}  // namespace
