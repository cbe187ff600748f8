// Inputs of a program whose data is not at hand, to time it by.
#pragma once
#include <vector>

#include "petra/core/random.hpp"
#include "petra/deploy/program.hpp"

namespace petra::inline PETRA_ABI::deploy {

// count inputs of noise, one after another. Deterministic.
template <class = void>
[[gnu::cold]] std::vector<float> invented_inputs(program const& p, index_t count) {
  random r(key(hash("invented_inputs"), p.input_size()));
  std::vector<float> x(static_cast<std::size_t>(p.input_size() * count));
  for (float& v : x) v = r.uniform(-2, 2);
  return x;
}

}  // namespace petra::deploy
