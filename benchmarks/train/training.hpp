// Rows of training steps: forward, backward and update on one batch of random numbers. One call of `enroll` is one model:
//
//   training_step/<model>_b64           one core, beside LibTorch
//   training_step/<model>_b64@2         two cores, beside LibTorch
//   training_step_threads/<model>_b64@2 two cores beside one, in one process: the ratio is what the second core adds
//   training_step_bf16/<model>_b64      products in bf16, beside LibTorch; "f32" is petra in float
//
// LibTorch runs where CMake finds it and the model is given for it; elsewhere its recorded times stand beside petra. Operations: three forward passes of
// multiply-accumulates, two each, taps on the padding included.
#pragma once
#include <concepts>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "../all_cores.hpp"
#include "../arms.hpp"
#include "petra/deploy/lower.hpp"
#include "petra/grad/bf16.hpp"
#include "petra/nn/loss.hpp"
#include "petra/nn/optimizer.hpp"
#include "petra/search/tbb_executor.hpp"
#if BENCH_TORCH
#include "../peers/libtorch.hpp"
#endif

namespace bench {

inline constexpr petra::index_t train_batch = 64;

inline petra::search::tbb_executor const& two_training_threads() {
  static petra::search::tbb_executor const e(2);
  return e;
}

template <class Model>
class training {
 public:
  training(Model m, petra::shape sample, petra::optimizer_settings o, petra::workers w, petra::products const* bf16)
      : model_(std::move(m)), x_(batch_of(sample)), labels_(train_batch), optimizer_(o) {
    petra::random r(1);
    for (float& v : x_) v = r.normal();
    for (auto& l : labels_) l = static_cast<std::int32_t>(r.index(10));
    tape_.workers = w;
    tape_.bf16 = bf16;
  }
  void operator()() {
    if (tape_.workers.count > 1) use_all_cores();
    tape_.reset();
    petra::var const y = model_.forward(tape_, tape_.constant(x_.shape(), x_.data()));
    petra::var const loss = petra::loss::cross_entropy{}(tape_, y, labels_.data());
    tape_.backward(loss);
    optimizer_.begin_step();
    for (auto const& n : tape_.nodes())
      if (n.parameter != nullptr && n.grad != nullptr) optimizer_.update(*n.parameter, n.grad, 0.01f);
    benchmark::DoNotOptimize(*tape_.value(loss));
  }

 private:
  static petra::shape batch_of(petra::shape s) {
    petra::shape all = s;
    all.rank = s.rank + 1;
    all.size[0] = train_batch;
    for (index_t i = 0; i < s.rank; ++i) all.size[static_cast<std::size_t>(i + 1)] = s[i];
    return all;
  }
  Model model_;
  petra::tensor<float> x_;
  std::vector<std::int32_t> labels_;
  petra::tape<float> tape_;
  petra::nn::optimizer optimizer_;
};

// Times of LibTorch, tuned, in ns; 0: not recorded.
struct libtorch_times {
  double one_thread = 0, two_threads = 0, bf16 = 0;
};

#if BENCH_TORCH
// make(bf16): what one call of is one step.
using torch_training = std::function<std::function<void()>(bool bf16)>;
#else
struct torch_training {};
#endif

// macs: of one sample's forward pass.
template <std::invocable Make>
void enroll(std::string const& model, Make make, petra::shape sample, double macs, petra::optimizer_settings o,
            libtorch_times recorded, [[maybe_unused]] torch_training torch = {}) {
  using model_type = decltype(make());
  auto const arm = [=](int threads, petra::products const* bf16) {
    return [=] {
      auto const w = threads > 1 ? two_training_threads().lend() : petra::workers{};
      return training<model_type>(make(), sample, o, w, bf16);
    };
  };
  auto const new_row = [&](std::string name, int threads, double recorded_ns) {
    row r{.name = std::move(name), .shape = model};
    r.shape.append("_b").append(std::to_string(train_batch));
    r.operations = 6. * static_cast<double>(train_batch) * macs;
    r.peak = peak::f32;
    r.threads = threads;
    bool runs = false;
#if BENCH_TORCH
    runs = static_cast<bool>(torch);
#endif
    if (!runs && recorded_ns > 0) r.recorded = {{"libtorch", recorded_ns}};
    return r;
  };
  auto const beside_torch = [&]([[maybe_unused]] row& r, [[maybe_unused]] bool bf16) {
#if BENCH_TORCH
    if (torch)
      r.arm("libtorch", [torch, threads = r.threads, bf16] {
        libtorch::use_threads(threads);
        return torch(bf16);
      });
#endif
  };
  row one = new_row("training_step", 1, recorded.one_thread);
  one.arm("petra_dynamic", arm(1, nullptr));
  beside_torch(one, false);
  row two = new_row("training_step", 2, recorded.two_threads);
  two.arm("petra_dynamic", arm(2, nullptr));
  beside_torch(two, false);
  row gain = new_row("training_step_threads", 2, 0);
  gain.arm("petra_two", arm(2, nullptr)).arm("one_thread", arm(1, nullptr));
  row narrow = new_row("training_step_bf16", 1, recorded.bf16);
  narrow.peak = peak::bf16;
  narrow.arm("petra_dynamic", arm(1, &petra::bf16_products<>)).arm("f32", arm(1, nullptr));
  if (recorded.bf16 > 0) beside_torch(narrow, true);
}

// Multiply-accumulates of a model that can be lowered.
template <class Model>
double macs_of(Model const& m, petra::shape sample) {
  return static_cast<double>(petra::deploy::lower(m, sample).macs());
}

}  // namespace bench
