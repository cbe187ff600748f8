// One training step (forward, backward, update by SGD) on a batch of 64 random pictures, one core. Operations: three
// forward passes of multiply-accumulates, two each. Recorded: LibTorch, tuned, 1 thread.
#include "../arms.hpp"

#include "petra/deploy/lower.hpp"
#include "petra/nn/fit.hpp"
#include "petra/nn/models/resnet20.hpp"
#include "petra/nn/models/resnet8.hpp"
#include "petra/nn/models/small_cnn.hpp"

namespace {

using namespace petra;

constexpr index_t batch = 64, side = 32, channels = 3;

template <class Model>
struct training {
  explicit training(Model m) : model(std::move(m)), x({batch, side, side, channels}), labels(batch) {
    petra::random r(1);
    for (float& v : x) v = r.normal();
    for (auto& l : labels) l = static_cast<std::int32_t>(r.index(10));
  }
  void operator()() {
    t.reset();
    var const loss = loss::cross_entropy{}(t, model.forward(t, t.constant(x.shape(), x.data())), labels.data());
    t.backward(loss);
    optimizer.begin_step();
    for (auto const& n : t.nodes())
      if (n.parameter != nullptr && n.grad != nullptr) optimizer.update(*n.parameter, n.grad, 0.01f);
    benchmark::DoNotOptimize(*t.value(loss));
  }
  Model model;
  tensor<float> x;
  std::vector<std::int32_t> labels;
  tape<float> t;
  nn::optimizer optimizer{sgd{}};
};

template <class Model>
void enroll(std::string const& name, Model (*make)(), std::vector<bench::recorded_time> recorded) {
  double const macs = static_cast<double>(deploy::lower(make(), {side, side, channels}).macs());
  bench::row r{.name = "training_step", .shape = name, .operations = 6. * batch * macs};
  r.peak = bench::peak::f32;
  r.recorded = std::move(recorded);
  r.arm("petra_dynamic", [=] { return training<Model>(make()); });
}

[[maybe_unused]] int const enrolled = [] {
  enroll<decltype(models::small_cnn<3, 10>(1))>("small_cnn_b64", [] { return models::small_cnn<3, 10>(1); }, {});
  enroll<decltype(models::resnet8<3, 10>(1))>("resnet8_b64", [] { return models::resnet8<3, 10>(1); },
                                              {{"libtorch", 35.2e6}});
  enroll<decltype(models::resnet20<3, 10>(1))>("resnet20_b64", [] { return models::resnet20<3, 10>(1); },
                                               {{"libtorch", 101e6}});
  return 0;
}();

}  // namespace
