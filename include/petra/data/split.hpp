// Parts of a picture set, as sets of their own with the same classes and normalization.
//
// Properties: deterministic; the order of the samples is kept.
#pragma once
#include <algorithm>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "petra/core/error.hpp"
#include "petra/data/dataset.hpp"

namespace petra::inline PETRA_ABI::data {

// The given samples, in the order given. Pre: every index lies in the set.
[[nodiscard, gnu::cold]] inline picture_set select(picture_set const& set, std::span<index_t const> keep) {
  petra::shape const s = set.sample_shape();
  picture_set part;
  part.x = tensor<std::uint8_t>(petra::shape(static_cast<index_t>(keep.size()), s[0], s[1], s[2]));
  part.class_count = set.class_count;
  part.scaling = set.scaling;
  part.class_names = set.class_names;
  part.y.reserve(keep.size());
  std::uint8_t* out = part.x.data();
  for (index_t const i : keep) {
    expects(i >= 0 && i < set.size(), "select: sample index outside the set");
    out = std::copy_n(set.pixels(i), s.count(), out);
    part.y.push_back(set.label(i));
  }
  return part;
}

// The first n samples. Throws: setting_error unless 1 <= n <= size.
[[nodiscard]] inline picture_set take(picture_set const& set, index_t n) {
  if (n < 1 || n > set.size())
    throw_error<setting_error>({"take: expected a number of samples in [1, ", set.size(), "], found ", n});
  std::vector<index_t> keep(static_cast<std::size_t>(n));
  std::iota(keep.begin(), keep.end(), index_t{0});
  return select(set, {keep.data(), keep.size()});
}

struct train_valid {
  picture_set train, valid;
};

// Sets `fraction` of the samples aside for validation, the same share of every class (rounded to whole samples). Which
// ones is drawn by the seed. Throws: setting_error unless 0 < fraction < 1 and both parts get a sample.
[[nodiscard, gnu::cold]] inline train_valid split(picture_set const& set, double fraction, std::uint64_t seed) {
  if (!(fraction > 0 && fraction < 1))
    throw_error<setting_error>({"split: fraction set aside for validation must lie in (0, 1), found ", fraction});
  std::vector<std::vector<index_t>> of_class(static_cast<std::size_t>(set.class_count));
  for (index_t i = 0; i < set.size(); ++i) of_class[static_cast<std::size_t>(set.label(i))].push_back(i);
  std::vector<char> aside(static_cast<std::size_t>(set.size()));
  for (std::size_t c = 0; c < of_class.size(); ++c) {
    std::vector<index_t>& members = of_class[c];
    petra::random r(key(seed, 0x73706c6974u, c));
    r.shuffle(std::span<index_t>(members.data(), members.size()));
    auto const cut = static_cast<std::size_t>(fraction * static_cast<double>(members.size()) + 0.5);
    for (std::size_t k = 0; k < cut; ++k) aside[static_cast<std::size_t>(members[k])] = true;
  }
  std::vector<index_t> train, valid;
  for (index_t i = 0; i < set.size(); ++i) (aside[static_cast<std::size_t>(i)] ? valid : train).push_back(i);
  if (train.empty() || valid.empty())
    throw_error<setting_error>({"split: a fraction of ", fraction, " of ", set.size(), " samples leaves no sample for ",
                                (train.empty() ? "training" : "validation"),
                                "; give more samples or another fraction"});
  return {select(set, {train.data(), train.size()}), select(set, {valid.data(), valid.size()})};
}

}  // namespace petra::data
