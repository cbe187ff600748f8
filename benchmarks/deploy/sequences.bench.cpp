// Models of sequences at batch 1 as programs, as a search lowers them, in float and int8, untrained:
//
// inception_time    144 steps of 24 channels, three modules of 32 filters twice: 53 M multiply-accumulates
// gru_encoder       100 events of 7 numbers and ids, 64 units
// transformer       two blocks over 64 steps, 64 wide, 4 heads, 256 inside, the norm after the sum
//
// Chains of kernels without a program: benchmarks/runtime/sequence_models.bench.cpp, models.bench.cpp.
#include "../arms.hpp"

#include "petra/compress/quantize/affine.hpp"
#include "petra/deploy/execute.hpp"
#include "petra/deploy/ops/concat.hpp"
#include "petra/deploy/ops/conv1d.hpp"
#include "petra/deploy/ops/layer_norm.hpp"
#include "petra/deploy/ops/recurrent.hpp"
#include "petra/deploy/ops/self_attention.hpp"
#include "petra/deploy/reference.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/gru.hpp"
#include "petra/nn/initialize.hpp"
#include "petra/nn/models/encoder_block.hpp"
#include "petra/nn/models/inception_time.hpp"

namespace {

using namespace petra;

// Noise, to calibrate on.
struct noise_set {
  petra::shape of;
  [[nodiscard]] index_t size() const { return 16; }
  [[nodiscard]] petra::shape sample_shape() const { return of; }
  void read(index_t i, float* to) const {
    petra::random r(key(hash("noise_set"), i));
    for (index_t k = 0; k < of.count(); ++k) to[k] = r.normal();
  }
  [[nodiscard]] index_t classes() const { return 10; }
  [[nodiscard]] std::int32_t label(index_t) const { return 0; }
};

struct session_arm {
  session_arm(deploy::program program, noise_set const& set)
      : p(std::move(program)),
        s(p),
        x(static_cast<std::size_t>(p.input_size())),
        y(static_cast<std::size_t>(p.output_size())) {
    set.read(0, x.data());
  }
  session_arm(session_arm const&) = delete;
  void operator()() { s.run(x.data(), y.data()); }
  [[nodiscard]] std::vector<float> const& result() const { return y; }
  deploy::program p;
  deploy::session s;
  std::vector<float> x, y;
};

struct reference_arm {
  deploy::graph g;
  std::vector<float> x, y;
  void operator()() { y = deploy::run_reference(g, x.data()); }
  [[nodiscard]] std::vector<float> const& result() const { return y; }
};

template <class Model>
void enroll(char const* name, bool int8, noise_set const& set, Model const& model) {
  auto const p = deploy::lower(model, set.of);
  bench::row r{.name = int8 ? "program_s8" : "program_f32",
               .shape = name,
               .operations = 2. * static_cast<double>(p.macs()),
               .peak = int8 ? bench::peak::s8 : bench::peak::f32};
  r.arm("reference", [=] {
    std::vector<float> x(static_cast<std::size_t>(set.of.count()));
    set.read(0, x.data());
    return reference_arm{deploy::finish(deploy::to_graph(model, set.of)), std::move(x), {}};
  });
  r.arm("petra_dynamic", [=] { return session_arm(p, set); });
}

template <class Model>
void enroll(char const* name, petra::shape input, Model const& model) {
  noise_set const set{input};
  enroll(name, false, set, model);
  stage_report report;
  enroll(name, true, set, quantize::affine<8>{}.apply(model, context<noise_set>{.train = &set}, report));
}

[[maybe_unused]] int const enrolled = [] {
  using namespace nn;
  enroll("inception_time", {144, 24}, models::inception_time<24, 10>(1));
  enroll("gru_encoder", {100, 7},
         initialize(sequential{gru<7, 64, recurrent_settings{.last = true}>{}, dense<64, 10>{}}, 1));
  enroll("transformer", {64, 64},
         initialize(sequential{models::encoder_block<64, 4, 256, models::norm_place::after>(),
                               models::encoder_block<64, 4, 256, models::norm_place::after>(), global_avg_pool1d<>{},
                               dense<64, 10>{}},
                    1));
  return 0;
}();

}  // namespace
