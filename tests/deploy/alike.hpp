// What every layer that lowers must hold: the program is the trained model in float, the slow twin to the last bit in integers
// and the quantized model nearly, and its header compiles alone and passes its self test.
#pragma once
#include <doctest/doctest.h>

#include "../nn/filled.hpp"
#include "compile_emitted.hpp"
#include "petra/compress/quantize/affine.hpp"
#include "petra/deploy/emit.hpp"
#include "petra/deploy/lower.hpp"
#include "petra/deploy/reference.hpp"

namespace alike {

using petra::index_t;
using petra::tensor;

// Samples (N, ...) of class 0, for calibration.
struct samples {
  tensor<float> x;
  [[nodiscard]] index_t size() const { return x.shape()[0]; }
  [[nodiscard]] petra::shape sample_shape() const {
    petra::shape s;
    s.rank = x.shape().rank - 1;
    for (index_t a = 0; a < s.rank; ++a) s.size[static_cast<std::size_t>(a)] = x.shape()[a + 1];
    return s;
  }
  void read(index_t i, float* to) const {
    index_t const n = x.size() / size();
    std::copy_n(x.data() + i * n, n, to);
  }
  [[nodiscard]] index_t classes() const { return 2; }
  [[nodiscard]] std::int32_t label(index_t) const { return 0; }
};

// Random numbers everywhere, norms as after a training.
template <class Model>
void randomize(Model& m, float size = 0.5f) {
  petra::random r(5);
  petra::nn::for_each_member(m, [&]<class M>(std::string const& path, M& x) {
    if constexpr (std::same_as<M, tensor<float>>)
      for (float& v : x) v = path.ends_with("var.running") ? r.uniform(0.5f, 2) : size * r.normal();
  });
}

inline tensor<float> outputs_of(petra::deploy::program const& p, tensor<float> const& x) {
  petra::deploy::session s(p);
  tensor<float> y({x.shape()[0], p.output_size()});
  petra::deploy::run_batch(s, x.data(), x.shape()[0], y.data());
  return y;
}
inline tensor<float> slow_outputs_of(petra::deploy::graph const& g, tensor<float> const& x) {
  index_t const n = x.size() / x.shape()[0], outputs = g.nodes.back().out.count();
  tensor<float> y({x.shape()[0], outputs});
  for (index_t i = 0; i < x.shape()[0]; ++i) {
    auto const v = petra::deploy::run_reference(g, x.data() + i * n);
    std::copy(v.begin(), v.end(), y.data() + i * outputs);
  }
  return y;
}

// The header of p compiles alone, without heap and exceptions, and gives what the library gives.
inline void check_header(petra::deploy::program const& p, tensor<float> const& x, std::string const& name) {
  if (emitted::compiler().empty()) return;
  index_t const n = x.size() / x.shape()[0];
  std::string const header = petra::deploy::emit(p, {.samples = {x.data(), static_cast<std::size_t>(2 * n)}});
#if defined(__clang__) || !defined(__AVX512F__)
  std::string const flags = "-O1 -march=native";
#else
  std::string const flags = "-O1 -march=native -mmove-max=128 -mstore-max=128";  // as the header says
#endif
  int const compiled = emitted::compile(name, header, flags);
  if (compiled != 0) MESSAGE(emitted::log_of(name));
  REQUIRE(compiled == 0);
  CHECK(emitted::run(name) == 0);
}

template <class Model>
tensor<float> value_of(Model& m, tensor<float> const& x) {
  auto y = petra_test::value_of(m, x);
  y.reshape({x.shape()[0], y.size() / x.shape()[0]});
  return y;
}

// Returns the program.
template <class Model>
petra::deploy::program check_float(Model m, tensor<float> const& x, double tolerance = 1e-5) {
  auto const shape = samples{x}.sample_shape();
  auto const p = petra::deploy::lower(m, shape);
  CHECK(petra_test::difference(value_of(m, x), outputs_of(p, x)) < tolerance);
  CHECK(petra_test::difference(slow_outputs_of(petra::deploy::finish(petra::deploy::to_graph(m, shape)), x),
                               outputs_of(p, x)) < tolerance);
  return p;
}

// Calibrated on x. tolerance: of the integer program beside the model that quantizes in float.
template <class Model>
petra::deploy::program check_int8(Model const& m, tensor<float> const& x, double tolerance = 0.05) {
  samples const set{x};
  petra::stage_report report;
  auto q = petra::quantize::affine<8>{}.apply(m, petra::context<samples>{.train = &set}, report);
  auto const p = petra::deploy::lower(q, set.sample_shape());
  auto const found = outputs_of(p, x);
  auto const slow = slow_outputs_of(petra::deploy::finish(petra::deploy::to_graph(q, set.sample_shape())), x);
  if (p.is_bit_exact())
    CHECK(slow == found);
  else
    CHECK(petra_test::difference(slow, found) < tolerance);
  CHECK(petra_test::difference(value_of(q, x), found) < tolerance);
  return p;
}

}  // namespace alike
