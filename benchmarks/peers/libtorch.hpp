// Training steps of LibTorch: the same models, batches and updates. Tuned: AVX-512 kernels, memory that is kept instead of given
// back to the system after every tensor, gradients that are forgotten instead of zeroed, channels-last pictures where that is
// faster.
#pragma once
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#endif
#include <ATen/autocast_mode.h>
#include <torch/torch.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
#include <malloc.h>

#include <climits>
#include <cstdlib>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace bench::libtorch {

// What BASELINES calls tuned; before LibTorch's first kernel runs. It chooses the number of its threads at once.
inline bool const tuned = [] {
#if defined(__AVX512F__)
  setenv("ATEN_CPU_CAPABILITY", "avx512", 1);
#else
  setenv("ATEN_CPU_CAPABILITY", "avx2", 1);
#endif
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, INT_MAX);
  return true;
}();

inline void use_threads(int n) { torch::set_num_threads(n); }

struct block_impl : torch::nn::Module {
  block_impl(int in, int out, int stride) {
    namespace nn = torch::nn;
    auto const conv = [](int i, int o, int k, int s) {
      return nn::Conv2d(nn::Conv2dOptions(i, o, k).stride(s).padding(k / 2).bias(false));
    };
    body = register_module(
        "body", nn::Sequential(conv(in, out, 3, stride), nn::BatchNorm2d(out),
                               nn::ReLU(nn::ReLUOptions().inplace(true)), conv(out, out, 3, 1), nn::BatchNorm2d(out)));
    if (stride != 1)
      shortcut = register_module("shortcut", nn::Sequential(conv(in, out, 1, stride), nn::BatchNorm2d(out)));
  }
  torch::Tensor forward(torch::Tensor x) {
    return (body->forward(x) + (shortcut.is_empty() ? x : shortcut->forward(x))).relu_();
  }
  torch::nn::Sequential body{nullptr}, shortcut{nullptr};
};

// Three stages of so many basic blocks, 16, 32 and 64 channels.
inline torch::nn::Sequential resnet(int blocks) {
  namespace nn = torch::nn;
  nn::Sequential net(nn::Conv2d(nn::Conv2dOptions(3, 16, 3).padding(1).bias(false)), nn::BatchNorm2d(16),
                     nn::ReLU(nn::ReLUOptions().inplace(true)));
  for (int c = 16; c <= 64; c *= 2)
    for (int b = 0; b < blocks; ++b) {
      bool const narrower = c > 16 && b == 0;
      net->push_back(std::make_shared<block_impl>(narrower ? c / 2 : c, c, narrower ? 2 : 1));
    }
  net->push_back(nn::AdaptiveAvgPool2d(1));
  net->push_back(nn::Flatten());
  net->push_back(nn::Linear(64, 10));
  return net;
}

inline torch::nn::Sequential mlp() {
  namespace nn = torch::nn;
  return nn::Sequential(nn::Linear(64, 128), nn::ReLU(), nn::Linear(128, 128), nn::ReLU(), nn::Linear(128, 10));
}

// One step on one batch of random numbers: SGD for pictures, else Adam.
inline std::function<void()> training(torch::nn::Sequential net, std::vector<std::int64_t> const& shape, bool pictures,
                                      bool bf16) {
  torch::manual_seed(1);
  net->train();
  auto x = torch::randn(shape);
  if (pictures) x = x.contiguous(torch::MemoryFormat::ChannelsLast);
  for (auto& p : net->parameters())
    if (pictures && p.dim() == 4) p.set_data(p.data().contiguous(torch::MemoryFormat::ChannelsLast));
  auto const labels = torch::randint(0, 10, {shape[0]}, torch::kLong);
  std::shared_ptr<torch::optim::Optimizer> optimizer;
  if (pictures)
    optimizer = std::make_shared<torch::optim::SGD>(
        net->parameters(), torch::optim::SGDOptions(0.01).momentum(0.9).nesterov(true).weight_decay(5e-4));
  else
    optimizer = std::make_shared<torch::optim::Adam>(net->parameters(), torch::optim::AdamOptions(0.01));
  return [=]() mutable {
    optimizer->zero_grad();
    torch::Tensor y;
    if (bf16) {
      at::autocast::set_cpu_enabled(true);
      at::autocast::set_autocast_cpu_dtype(torch::kBFloat16);
      y = net->forward(x).to(torch::kFloat);
      at::autocast::clear_cache();
      at::autocast::set_cpu_enabled(false);
    } else {
      y = net->forward(x);
    }
    torch::nn::functional::cross_entropy(y, labels).backward();
    optimizer->step();
  };
}

}  // namespace bench::libtorch
