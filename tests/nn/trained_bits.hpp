// Three training steps, and everything they leave behind bit by bit: what must be the same on any number of threads.
#pragma once
#include <bit>
#include <cstdint>
#include <vector>

#include "petra/core/random.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/layer.hpp"
#include "petra/nn/loss.hpp"
#include "petra/nn/models/blocks.hpp"
#include "petra/nn/models/resnet8.hpp"
#include "petra/nn/optimizer.hpp"

namespace trained {

using petra::index_t;

// One model in training on one batch of random numbers with random labels.
template <class Model>
class training {
 public:
  training(Model m, petra::shape s, petra::workers w)
      : model_(std::move(m)), x_(s), labels_(static_cast<std::size_t>(s[0])) {
    petra::random r(11);
    for (float& v : x_) v = r.normal();
    for (auto& l : labels_) l = static_cast<std::int32_t>(r.index(5));
    tape_.workers = w;
  }
  float step() {
    tape_.reset();
    petra::var const loss = petra::loss::cross_entropy{}(
        tape_, model_.forward(tape_, tape_.constant(x_.shape(), x_.data())), labels_.data());
    tape_.backward(loss);
    optimizer_.begin_step();
    for (auto const& n : tape_.nodes())
      if (n.parameter != nullptr && n.grad != nullptr) optimizer_.update(*n.parameter, n.grad, 0.05f);
    return *tape_.value(loss);
  }
  // Of all that the model owns.
  std::vector<std::uint32_t> bits() {
    std::vector<std::uint32_t> all;
    for (auto& m : petra::nn::members_of(model_))
      if (m.tensor != nullptr)
        for (float const v : *m.tensor) all.push_back(std::bit_cast<std::uint32_t>(v));
    return all;
  }
  petra::tape<float>& tape() { return tape_; }

 private:
  Model model_;
  petra::tensor<float> x_;
  std::vector<std::int32_t> labels_;
  petra::tape<float> tape_;
  petra::nn::optimizer optimizer_{petra::sgd{}};
};

// After three steps: the losses and the weights.
template <class Model>
std::vector<std::uint32_t> bits_after_three_steps(Model m, petra::shape s, petra::workers w,
                                                  petra::products const* bf16 = nullptr) {
  training t(std::move(m), s, w);
  t.tape().bf16 = bf16;
  std::vector<std::uint32_t> all;
  for (int i = 0; i < 3; ++i) all.push_back(std::bit_cast<std::uint32_t>(t.step()));
  auto const weights = t.bits();
  all.insert(all.end(), weights.begin(), weights.end());
  return all;
}

// 20 pictures: two pieces of eight and one of four. Everything that a residual network is made of.
inline petra::shape pictures() { return {20, 16, 16, 3}; }
inline auto small_resnet() { return petra::models::resnet8<3, 5, 8>(3); }
// Rows enough for several pieces.
inline petra::shape rows() { return {300, 70}; }
inline auto small_mlp() {
  using namespace petra::nn;
  return initialize(sequential{dense<70, 130>{}, relu{}, dense<130, 40>{}, relu{}, dense<40, 5>{}}, 4);
}

}  // namespace trained
