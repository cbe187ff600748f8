// A training that takes milliseconds: small pictures of three classes, a small network, settings without augmentation.
#pragma once
#include "petra/data/synthetic_pictures.hpp"
#include "petra/nn/batch_norm.hpp"
#include "petra/nn/conv2d.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/fit.hpp"
#include "petra/nn/flatten.hpp"
#include "petra/nn/initialize.hpp"
#include "petra/nn/pool.hpp"
#include "petra/nn/relu.hpp"
#include "petra/nn/sequential.hpp"

namespace petra_test {

using petra::data::picture_set;

inline picture_set pictures(petra::index_t count, std::uint64_t seed = 1) {
  return petra::data::synthetic_pictures({.count = count, .seed = seed, .size = 12, .classes = 3});
}

template <petra::index_t Classes = 3>
auto network(std::uint64_t seed = 1) {
  using namespace petra::nn;
  return initialize(sequential{conv2d<1, 4, window{.stride = 2}>{}, batch_norm<4>{}, relu{}, max_pool<2>{}, flatten{},
                               dense<36, Classes>{}},
                    seed);
}

inline petra::nn::fit_settings settings() {
  return {.epochs = 3, .batch = 16, .learning_rate = 0.05f, .augment = false};
}

// Every tensor and number of a model, for comparing bits.
template <class Model>
std::vector<float> numbers(Model model) {
  std::vector<float> all;
  petra::nn::for_each_member(model, [&]<class M>(std::string const&, M& m) {
    if constexpr (std::same_as<M, petra::tensor<float>>)
      all.insert(all.end(), m.begin(), m.end());
    else
      all.push_back(static_cast<float>(m));
  });
  return all;
}

}  // namespace petra_test
