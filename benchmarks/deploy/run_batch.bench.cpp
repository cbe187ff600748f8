// A batch of 64 by two threads beside one: ResNet-8 (MLPerf Tiny) as the search lowers it, in int8 and float. The ratio is
// what the second core adds.
#include "petra/deploy/run_batch.hpp"

#include "../../tests/deploy/sample_graphs.hpp"
#include "../all_cores.hpp"
#include "../arms.hpp"
#include "petra/deploy/compile.hpp"
#include "petra/search/tbb_executor.hpp"

namespace {

using namespace petra;

struct batch {
  batch(bool int8, int threads_)
      : threads(std::make_shared<search::tbb_executor>(threads_)),
        model(std::make_shared<deploy::program>(deploy::compile(sample::resnet8(int8)))),
        sessions(static_cast<std::size_t>(threads_), deploy::session(*model)),
        x(bench::floats(count * model->input_size(), 1, -2.f, 2.f)),
        logits(static_cast<std::size_t>(count * model->output_size())) {
    if (threads_ > 1) bench::use_all_cores();
  }
  void operator()() { deploy::run_batch(sessions, x.data(), count, logits.data(), *threads); }
  [[nodiscard]] std::vector<float> const& result() const { return logits; }

  static constexpr index_t count = 64;
  std::shared_ptr<search::tbb_executor> threads;
  std::shared_ptr<deploy::program> model;
  std::vector<deploy::session> sessions;
  std::vector<float> x, logits;
};

// The specification: one sample after the other.
struct one_by_one : batch {
  explicit one_by_one(bool int8) : batch(int8, 1) {}
  void operator()() { deploy::run_batch(sessions.front(), x.data(), count, logits.data()); }
};

[[maybe_unused]] int const enrolled = [] {
  for (bool const int8 : {false, true}) {
    bench::row r{.name = int8 ? "run_batch_s8" : "run_batch_f32", .shape = "resnet8_b64", .threads = 2};
    r.operations = 2. * 64 * static_cast<double>(deploy::compile(sample::resnet8(int8)).macs());
    r.peak = int8 ? bench::peak::s8 : bench::peak::f32;
    r.tolerance = 0;
    r.arm("reference", [=] { return one_by_one(int8); });
    r.arm("petra_two", [=] { return batch(int8, 2); });
    r.arm("one_thread", [=] { return batch(int8, 1); });
  }
  return 0;
}();

}  // namespace
