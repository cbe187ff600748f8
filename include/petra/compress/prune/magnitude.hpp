// Unstructured pruning: the smallest weights of each matrix are masked. Layer-local, shape-preserving. Saves no bytes and no
// time until a sparse format exists (the report says so); masked weights stay zero through any later training.
// Source: Han et al., "Learning both Weights and Connections for Efficient Neural Networks", NeurIPS 2015.
#pragma once
#include <bit>
#include <cmath>
#include <cstdint>

#include "petra/compress/pipeline.hpp"

namespace petra::inline PETRA_ABI::prune {

using petra::operator|;

struct magnitude {
  float sparsity = 0.5f;  // share of each matrix that is masked, rounded down

  static constexpr rule law{.needs = trained, .forbids = quantized, .gives = masked};
  static constexpr char const* name = "petra::prune::magnitude";
  template <class S = magnitude>  // as every list of settings: compiled where a search or a report reads it
  static auto settings() {
    return std::tuple{setting{"sparsity", &S::sparsity, {0.3f, 0.5f, 0.7f}}};
  }
  void check() const {
    if (!(sparsity > 0 && sparsity < 1))
      throw_error<setting_error>({"prune::magnitude: sparsity must lie in (0, 1), found ", sparsity});
  }
  // Ties are kept: at least 1 - sparsity of the weights stay.
  template <class Leaf>
    requires requires(Leaf const& l) { l.w; }
  [[nodiscard]] nn::mask rewrite(nn::no_mask const&, Leaf const& l) const {
    auto const masked = static_cast<index_t>(sparsity * static_cast<float>(l.w.size()));
    auto const size = [&](index_t i) { return std::bit_cast<std::uint32_t>(std::abs(l.w[i])); };  // ordered as floats
    // The largest cut that has no more than `masked` weights below it, bit by bit.
    std::uint32_t cut = 0;
    for (std::uint32_t bit = 1u << 30; bit != 0; bit >>= 1) {
      index_t below = 0;
      for (index_t i = 0; i < l.w.size(); ++i) below += size(i) < (cut | bit);
      if (below <= masked) cut |= bit;
    }
    nn::mask m{tensor<float>(l.w.shape())};
    for (index_t i = 0; i < l.w.size(); ++i) m.keep[i] = size(i) >= cut ? 1.f : 0.f;
    return m;
  }
  template <class Leaf>
    requires requires(Leaf const& l) { l.w; }
  [[nodiscard]] nn::mask rewrite(nn::mask const& before, Leaf const& l) const {
    struct {
      tensor<float> w;
    } const kept{l.effective()};  // what is masked already counts as smallest
    auto m = rewrite(nn::no_mask{}, kept);
    before.apply_to(m.keep);  // and stays masked, even where more than `sparsity` of the matrix is
    return m;
  }
  template <class M, class D>
  auto apply(M const& m, context<D> const&, stage_report& r) const {
    auto out = rewrite_model(*this, m, r);
    r.notes.push_back("masks save no bytes and no time: there is no sparse format yet");
    return out;
  }
  friend bool operator==(magnitude const&, magnitude const&) = default;
};

static_assert(stage<magnitude>);

}  // namespace petra::prune
