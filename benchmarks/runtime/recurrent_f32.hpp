// Recurrent layers in float as arms of benchmarks: operands, the specification, petra, Eigen.
#pragma once
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push  // g++ 12 warns about undefined operands in its own AVX-512 intrinsics
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <Eigen/Core>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#include "../arms.hpp"
#include "../peers/onednn_rnn.hpp"
#include "petra/kernel/reference/gru.hpp"
#include "petra/kernel/reference/lstm.hpp"
#include "petra/runtime/gru_f32.hpp"
#include "petra/runtime/lstm_f32.hpp"
#include "petra/tensor/tensor.hpp"

namespace recurrent {

using namespace petra;
using rt::recurrent_shape;

// The same for all arms of a shape.
struct operands {
  bool gru;
  recurrent_shape s;
  std::vector<float> x, w, u, bias, state_bias;

  operands(bool is_gru, recurrent_shape const& shape, std::uint64_t seed = 1)
      : gru(is_gru),
        s(shape),
        x(bench::floats(s.steps * s.in, key(seed, 1))),
        w(bench::floats(gates() * s.hidden * s.in, key(seed, 2), -0.3f, 0.3f)),
        u(bench::floats(gates() * s.hidden * s.hidden, key(seed, 3), -0.2f, 0.2f)),
        bias(bench::floats(gates() * s.hidden, key(seed, 4))),
        state_bias(bench::floats(gates() * s.hidden, key(seed, 5))) {}
  [[nodiscard]] index_t gates() const { return gru ? 3 : 4; }
};

inline double operations(bool gru, recurrent_shape const& s) {
  return 2. * (gru ? 3 : 4) * static_cast<double>(s.steps * s.hidden * (s.in + s.hidden));
}

// Every call advances the state by the sequence; `result` is what the first call from a state of zeros yields.
struct layer {
  operands o;
  std::vector<float> first;
  [[nodiscard]] std::vector<float> const& result() const { return first; }
};

struct reference : layer {
  std::vector<float> h, c, y;
  explicit reference(operands const& p)
      : layer{p, {}},
        h(static_cast<std::size_t>(p.s.hidden)),
        c(h.size()),
        y(static_cast<std::size_t>(p.s.steps * p.s.hidden)) {}
  void operator()() {
    kernel::recurrent_dims const d{o.s.steps, o.s.in, o.s.hidden};
    if (o.gru)
      kernel::gru(kernel::scalar_tag{}, d, o.x.data(), h.data(), o.w.data(), o.u.data(), o.bias.data(),
                  o.state_bias.data(), y.data());
    else
      kernel::lstm(kernel::scalar_tag{}, d, o.x.data(), h.data(), c.data(), o.w.data(), o.u.data(), o.bias.data(),
                   y.data());
    if (first.empty()) first = y;
    std::copy(y.end() - o.s.hidden, y.end(), h.begin());
  }
};

// Packed for petra. Shape: the extents as numbers or as a type.
template <class Shape>
struct packed : layer {
  Shape shape;
  tensor<float> x, h, c, w, u, bias, scratch, y;
  packed(Shape extents, operands const& p)
      : layer{p, {}},
        shape(extents),
        x(petra::shape(p.s.steps * p.s.in)),
        h(petra::shape(p.s.hidden)),
        c(h.shape()),
        w(petra::shape(p.gates() * p.s.hidden * p.s.in)),
        u(petra::shape(p.gates() * p.s.hidden * p.s.hidden)),
        bias(petra::shape(4 * p.s.hidden)),
        scratch(petra::shape(rt::recurrent_scratch(static_cast<int>(p.gates()), p.s) + 1)),
        y(petra::shape(p.s.steps * p.s.hidden)) {
    std::copy(p.x.begin(), p.x.end(), x.data());
    for (index_t i = 0; i < p.s.hidden; ++i) h.data()[i] = c.data()[i] = 0;
    rt::pack_gates(p.gates(), p.s.hidden, p.s.in, p.w.data(), w.data());
    rt::pack_gates(p.gates(), p.s.hidden, p.s.hidden, p.u.data(), u.data());
    if (p.gru)
      rt::pack_gru_bias(p.s.hidden, p.bias.data(), p.state_bias.data(), bias.data());
    else
      rt::pack_gate_bias(p.s.hidden, p.bias.data(), bias.data());
  }
  void run(float const* input, float const* state, float* output) {
    if (o.gru)
      rt::gru_f32(shape, input, state, w.data(), u.data(), bias.data(), scratch.data(), output);
    else
      rt::lstm_f32(shape, input, state, c.data(), w.data(), u.data(), bias.data(), scratch.data(), output);
  }
  // The state goes on where the last call left it: what is timed is the latency from state to state.
  void operator()() {
    benchmark::DoNotOptimize(shape);
    run(x.data(), h.data(), y.data());
    if (first.empty()) first.assign(y.data(), y.data() + y.size());
    if (o.s.steps == 1) std::swap(h, y);
  }
};

struct eigen : layer {
  using matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  using vector = Eigen::VectorXf;
  matrix x, w, u, y, products;
  vector h, c, bias, state_bias, state;
  explicit eigen(operands const& p) : layer{p, {}} {
    index_t const t = p.s.steps, n = p.s.hidden, g = p.gates();
    x = Eigen::Map<matrix const>(p.x.data(), t, p.s.in);
    w = Eigen::Map<matrix const>(p.w.data(), g * n, p.s.in);
    u = Eigen::Map<matrix const>(p.u.data(), g * n, n);
    bias = Eigen::Map<vector const>(p.bias.data(), g * n);
    state_bias = Eigen::Map<vector const>(p.state_bias.data(), g * n);
    y.resize(t, n), products.resize(t, g * n), state.resize(g * n);
    h = c = vector::Zero(n);
  }
  void operator()() {
    index_t const n = o.s.hidden;
    products.noalias() = x * w.transpose();
    auto const logistic = [](auto const& a) { return ((-a).exp() + 1.f).inverse(); };
    for (index_t t = 0; t < o.s.steps; ++t) {
      state.noalias() = u * h;
      auto const i = [&](index_t g) { return (products.row(t).transpose() + bias).segment(g * n, n).array(); };
      if (o.gru) {
        auto const s = [&](index_t g) { return (state + state_bias).segment(g * n, n).array(); };
        Eigen::ArrayXf const r = logistic(i(0) + s(0)), z = logistic(i(1) + s(1));
        Eigen::ArrayXf const fresh = (i(2) + r * s(2)).tanh();
        h = (fresh + z * (h.array() - fresh)).matrix();
      } else {
        auto const a = [&](index_t g) { return i(g) + state.segment(g * n, n).array(); };
        Eigen::ArrayXf const in = logistic(a(0)), forget = logistic(a(1)), g = a(2).tanh(), out = logistic(a(3));
        c = (forget * c.array() + in * g).matrix();
        h = (out * c.array().tanh()).matrix();
      }
      y.row(t) = h;
    }
    if (first.empty()) first.assign(y.data(), y.data() + y.size());
  }
};

// One row: a layer of either kind, literal extents given as a template argument.
template <recurrent_shape S>
bench::row row(bool gru, std::string const& shape, double rtneural_ns = 0) {
  bench::row r{.name = gru ? "gru_f32" : "lstm_f32",
               .shape = shape,
               .operations = operations(gru, S),
               .bytes = 4. * static_cast<double>((gru ? 3 : 4) * S.hidden * (S.in + S.hidden)),
               .peak = bench::peak::f32};
  r.tolerance = 1e-5;
  if (rtneural_ns > 0) r.recorded = {{"rtneural", rtneural_ns}};
  r.arm("reference", [=] { return reference(operands(gru, S)); });
  r.arm("petra_static", [=] { return packed(rt::fixed<S>{}, operands(gru, S)); });
  r.arm("petra_dynamic", [=] { return packed(S, operands(gru, S)); });
  r.arm("eigen", [=] { return eigen(operands(gru, S)); });
#if BENCH_ONEDNN
  r.arm("onednn", [=] {
    operands const o(gru, S);
    return bench::onednn::recurrent(gru, S.steps, S.in, S.hidden, o.x, {o.w, o.u, o.bias, o.state_bias});
  });
#endif
  return r;
}

}  // namespace recurrent
