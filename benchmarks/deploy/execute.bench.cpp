// ResNet-8 (MLPerf Tiny, 3x32x32, 12.5 M multiply-accumulates) at batch 1 as a program: lowered, planned and run as the
// search runs it, in int8 and float, beside the plain loops of the reference. Chains of kernels without a program:
// benchmarks/runtime/models.bench.cpp. Recorded: chains of oneDNN's primitives.
#include "../arms.hpp"

#include "../../tests/deploy/sample_graphs.hpp"
#include "petra/deploy/compile.hpp"
#include "petra/deploy/execute.hpp"
#include "petra/deploy/reference.hpp"

namespace {

using namespace petra::deploy;

struct session_arm {
  explicit session_arm(bool int8)
      : p(compile(sample::resnet8(int8))),
        s(p),
        x(sample::random_input(p.input_size(), 1)),
        logits(static_cast<std::size_t>(p.output_size())) {}
  session_arm(session_arm const&) = delete;
  void operator()() { s.run(x.data(), logits.data()); }
  [[nodiscard]] std::vector<float> const& result() const { return logits; }
  program p;
  session s;
  std::vector<float> x, logits;
};

struct reference_arm {
  graph g;
  std::vector<float> x, logits;
  void operator()() { logits = run_reference(g, x.data()); }
  [[nodiscard]] std::vector<float> const& result() const { return logits; }
};

void enroll(bool int8, double onednn_us) {
  bench::row r{.name = int8 ? "program_s8" : "program_f32",
               .shape = "resnet8",
               .operations = 2. * static_cast<double>(compile(sample::resnet8(int8)).macs()),
               .peak = int8 ? bench::peak::s8 : bench::peak::f32};
  r.recorded = {{"onednn", onednn_us * 1e3}};
  r.arm("reference", [=] {
    graph g = run_passes(sample::resnet8(int8));
    auto const n = g[0].out.count();
    return reference_arm{std::move(g), sample::random_input(n, 1), {}};
  });
  r.arm("petra_dynamic", [=] { return session_arm(int8); });
}

[[maybe_unused]] int const enrolled = [] {
  enroll(true, 42.5);
  enroll(false, 109);
  return 0;
}();

}  // namespace
