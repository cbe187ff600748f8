// How many numbers a model has, and whether a step of training lowers its loss.
#pragma once
#include <vector>

#include "../filled.hpp"
#include "petra/nn/loss.hpp"

namespace petra_test {

struct model_numbers {
  index_t weights = 0;  // that training changes
  index_t running = 0;  // statistics of batch norms
  friend bool operator==(model_numbers, model_numbers) = default;
};

template <class Model>
model_numbers numbers_of(Model model) {
  model_numbers n;
  petra::nn::for_each_member(model, [&]<class M>(std::string const& path, M& m) {
    if constexpr (std::same_as<M, tensor<float>>) (path.ends_with("running") ? n.running : n.weights) += m.size();
  });
  return n;
}

// The cross-entropy of a batch of noise with labels 0, 1, 0, 1, ... before and after a step against its gradient.
struct step_result {
  double before, after;
  [[nodiscard]] bool falls() const { return after < before && std::isfinite(after); }
};
template <class Model>
step_result one_step(Model& model, petra::shape input, float rate = 1e-2f) {
  petra::random r(3);
  tensor<float> const x = noise(input, r);
  std::vector<std::int32_t> labels(static_cast<std::size_t>(input[0]));
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<std::int32_t>(i % 2);
  petra::tape<float> t;
  auto loss = [&] {
    t.reset();
    return petra::loss::cross_entropy{}(t, model.forward(t, t.constant(x)), labels.data());
  };
  petra::var const l = loss();
  double const before = static_cast<double>(*t.value(l));
  t.backward(l);
  for (auto const& n : t.nodes())
    for (index_t i = 0; n.parameter != nullptr && n.grad != nullptr && i < n.parameter->size(); ++i)
      (*n.parameter)[i] -= rate * n.grad[i];
  return {before, static_cast<double>(*t.value(loss()))};
}

}  // namespace petra_test
