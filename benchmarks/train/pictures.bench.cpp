// Residual networks and a small convolutional one on pictures of 32 x 32 pixels, SGD.
#include "petra/nn/models/resnet20.hpp"
#include "petra/nn/models/resnet8.hpp"
#include "petra/nn/models/small_cnn.hpp"
#include "training.hpp"

namespace {

using namespace petra;

petra::shape const picture{32, 32, 3};

template <class Make>
void enroll_pictures(char const* name, Make make, bench::libtorch_times recorded, bench::torch_training torch = {}) {
  bench::enroll(name, make, picture, bench::macs_of(make(), picture), sgd{}, recorded, torch);
}

bench::torch_training torch_resnet([[maybe_unused]] int blocks) {
#if BENCH_TORCH
  return [blocks](bool bf16) {
    return bench::libtorch::training(bench::libtorch::resnet(blocks), {bench::train_batch, 3, 32, 32}, true, bf16);
  };
#else
  return {};
#endif
}

[[maybe_unused]] int const enrolled = [] {
  enroll_pictures("small_cnn", [] { return models::small_cnn<3, 10>(1); }, {});
  enroll_pictures(
      "resnet8", [] { return models::resnet8<3, 10>(1); }, {.one_thread = 35.2e6, .two_threads = 18.7e6},
      torch_resnet(1));
  enroll_pictures(
      "resnet20", [] { return models::resnet20<3, 10>(1); }, {.one_thread = 101e6, .two_threads = 54.9e6, .bf16 = 65e6},
      torch_resnet(3));
  return 0;
}();

}  // namespace
