// A weight as one matrix, for layers whose kernels take no factors: tables of ids, the gates of recurrent layers.
//
// It is what training multiplies with: masked, each leaf rounded on its own grid, factors multiplied out. What lies between
// factors has no range then, and the grid of the second factor's input is not used.
#pragma once
#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "petra/deploy/lower.hpp"
#include "petra/grad/tape.hpp"

namespace petra::inline PETRA_ABI::deploy {

// By value: the tape wants to write.
template <class Weight>
[[gnu::cold]] tensor<float> matrix_of(Weight w) {
  tape<float> t;
  t.training = false;
  var const m = w.matrix(t);
  tensor<float> out(t.shape(m));
  std::copy_n(t.value(m), out.size(), out.data());
  return out;
}

// f(leaf) with the leaf that reads the weight's input.
template <class Weight, class F>
void with_first_leaf(Weight const& w, F&& f) {
  if constexpr (requires { typename Weight::choices; })
    w.visit([&](auto const& held) { with_first_leaf(held, f); });
  else if constexpr (requires { w.a; })
    f(w.a);
  else
    f(w.v);
}

// The grid on which the weight reads its input; none: float.
template <class Weight>
[[gnu::cold]] std::optional<grid> input_grid_of(Weight const& w) {
  std::optional<grid> g;
  with_first_leaf(w, [&](auto const& leaf) { g = builder::grid_of(leaf.grid); });
  return g;
}

// One scale for each row of m, which is matrix_of(w), with all numbers in [-127, 127] steps: the one that the row has been
// rounded with where that is so, which loses nothing; else the smallest. Products of factors lose half a step at most.
template <class Weight>
[[gnu::cold]] std::vector<float> row_scales_of(Weight const& w, tensor<float> const& m) {
  std::vector<float> own, scale;
  with_first_leaf(w, [&](auto const& leaf) {
    builder::with_grid(leaf.grid, [&]<class G>(G const& g) {
      if constexpr (G::bits != 32)
        if (leaf.w.shape() == m.shape()) own.assign(g.weight_scale.begin(), g.weight_scale.end());
    });
  });
  for (index_t o = 0; o < m.rows(); ++o) {
    float top = 0;
    for (index_t k = 0; k < m.cols(); ++k) top = std::max(top, std::abs(m(o, k)));
    float const known = own.empty() ? 0.f : own[static_cast<std::size_t>(o)];
    bool const fits = known > 0 && top <= 127.25f * known;
    scale.push_back(fits ? known : top > 0x1p-100f ? top / 127 : 1.f);
  }
  return scale;
}

}  // namespace petra::deploy
