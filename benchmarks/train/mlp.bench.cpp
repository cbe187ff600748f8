// A multilayer perceptron 64-128-128-10, Adam: too small for a second core.
#include "petra/nn/dense.hpp"
#include "petra/nn/initialize.hpp"
#include "petra/nn/relu.hpp"
#include "petra/nn/sequential.hpp"
#include "training.hpp"

namespace {

using namespace petra;

auto mlp() {
  using namespace nn;
  return initialize(sequential{dense<64, 128>{}, relu{}, dense<128, 128>{}, relu{}, dense<128, 10>{}}, 1);
}

[[maybe_unused]] int const enrolled = [] {
  bench::torch_training torch;
#if BENCH_TORCH
  torch = [](bool bf16) {
    return bench::libtorch::training(bench::libtorch::mlp(), {bench::train_batch, 64}, false, bf16);
  };
#endif
  bench::enroll("mlp", mlp, {64}, 64 * 128 + 128 * 128 + 128 * 10, adam{},
                {.one_thread = 0.243e6, .two_threads = 0.247e6}, torch);
  return 0;
}();

}  // namespace
