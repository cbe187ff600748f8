// Random weights for a fresh model: normal with variance 2 / fan_in, each weight from its own stream keyed by (seed, path), so
// adding a layer does not change the others.
// Source: He et al., "Delving Deep into Rectifiers", ICCV 2015, eq. 10.
#pragma once
#include <cmath>

#include "petra/core/random.hpp"
#include "petra/nn/layer.hpp"

namespace petra::inline PETRA_ABI::nn {

template <class Model>
Model initialize(Model model, std::uint64_t seed) {
  for_each_layer(model, [&]<class L>(L& l, std::string const& path) {
    if constexpr (weighted<L>) {
      for_each_member(l.weight, [&]<class M>(std::string const& name, M& m) {
        if constexpr (std::same_as<M, tensor<float>>)
          if (name.ends_with("w") && !m.empty()) {
            random r(key(seed, hash(path), hash(name)));
            float const deviation = std::sqrt(2.f / static_cast<float>(m.cols()));
            for (float& x : m) x = deviation * r.normal();
          }
      });
    }
  });
  return model;
}

}  // namespace petra::nn
