// Random weights for a fresh model: normal with variance 2 / fan_in, each weight from its own stream keyed by (seed, path), so
// adding a layer does not change the others. A weight that has a name before it (`state_weight`) is followed by a gate, a
// tanh or a softmax instead of a ReLU: variance 1 / fan_in.
// Source: He et al., "Delving Deep into Rectifiers", ICCV 2015, eq. 10; LeCun et al., "Efficient BackProp", 1998, eq. 16.
#pragma once
#include <cmath>

#include "petra/core/random.hpp"
#include "petra/nn/layer.hpp"

namespace petra::inline PETRA_ABI::nn {

namespace detail {

[[gnu::cold]] inline void initialize(std::vector<member> const& all, std::uint64_t seed) {
  constexpr std::string_view weight = "weight.";
  for (auto const& m : all) {
    auto const at = m.path.rfind(weight);
    if (m.tensor == nullptr || m.tensor->empty() || at == std::string::npos || !m.path.ends_with("w")) continue;
    auto const layer = m.path.substr(0, at == 0 ? 0 : at - 1), name = m.path.substr(at + weight.size());
    random r(key(seed, hash(layer), hash(name)));
    float const gain = at > 0 && m.path[at - 1] == '_' ? 1.f : 2.f;
    float const deviation = std::sqrt(gain / static_cast<float>(m.tensor->cols()));
    for (float& x : *m.tensor) x = deviation * r.normal();
  }
}

}  // namespace detail

template <class Model>
[[gnu::cold]] Model initialize(Model model, std::uint64_t seed) {
  detail::initialize(members_of(model), seed);
  return model;
}

}  // namespace petra::nn
