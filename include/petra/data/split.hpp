// Parts of a set, as sets of their own with the same classes and normalization.
//
// Properties: deterministic; the order of the samples is kept.
// A user's own set takes part with a function `select(set, positions)` beside it.
#pragma once
#include <algorithm>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "petra/core/error.hpp"
#include "petra/core/order.hpp"
#include "petra/data/dataset.hpp"
#include "petra/data/sequences.hpp"

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

namespace detail {

// Steps, columns and length of the given sequences.
template <class = void>
[[gnu::cold]] void select_steps(sequences const& set, std::span<index_t const> keep, sequences& part) {
  part.columns = set.columns;
  part.length = set.length;
  part.keep_last = set.keep_last;
  part.start.assign(1, 0);
  for (index_t const i : keep) {
    expects(i >= 0 && i < set.size(), "select: sample index outside the set");
    part.start.push_back(part.start.back() + set.steps(i));
  }
  part.x.reserve(static_cast<std::size_t>(part.start.back() * set.channels()));
  for (index_t const i : keep) {
    auto const from = set.x.begin() + set.start[static_cast<std::size_t>(i)] * set.channels();
    part.x.insert(part.x.end(), from, from + set.steps(i) * set.channels());
  }
}

}  // namespace detail

[[nodiscard, gnu::cold]] inline labeled_sequences select(labeled_sequences const& set, std::span<index_t const> keep) {
  labeled_sequences part;
  detail::select_steps(set, keep, part);
  part.class_count = set.class_count;
  part.class_names = set.class_names;
  part.y.reserve(keep.size());
  for (index_t const i : keep) part.y.push_back(set.label(i));
  return part;
}

[[nodiscard, gnu::cold]] inline target_sequences select(target_sequences const& set, std::span<index_t const> keep) {
  target_sequences part;
  detail::select_steps(set, keep, part);
  part.target_count = set.target_count;
  part.y.resize(keep.size() * static_cast<std::size_t>(set.target_count));
  float* out = part.y.data();
  for (index_t const i : keep) {
    set.target(i, out);
    out += set.target_count;
  }
  return part;
}

// The first n samples. Throws: setting_error unless 1 <= n <= size.
template <dataset Set>
[[nodiscard]] Set take(Set const& set, index_t n) {
  if (n < 1 || n > set.size())
    throw_error<setting_error>({"take: expected a number of samples in [1, ", set.size(), "], found ", n});
  std::vector<index_t> keep(static_cast<std::size_t>(n));
  std::iota(keep.begin(), keep.end(), index_t{0});
  return select(set, std::span<index_t const>(keep.data(), keep.size()));
}

template <class Set>
struct train_valid {
  Set train, valid;
};

namespace detail {

inline constexpr std::uint64_t split_key = 0x73706c6974u;

[[gnu::cold]] inline void check_fraction(double fraction) {
  if (!(fraction > 0 && fraction < 1))
    throw_error<setting_error>({"split: fraction set aside for validation must lie in (0, 1), found ", fraction});
}

// Positions of the samples that are not aside, and of those that are. Throws: setting_error if either is empty.
struct split_positions {
  std::vector<index_t> train, valid;

  [[gnu::cold]] split_positions(std::span<char const> aside, double fraction) {
    for (std::size_t i = 0; i < aside.size(); ++i) (aside[i] ? valid : train).push_back(static_cast<index_t>(i));
    if (train.empty() || valid.empty())
      throw_error<setting_error>({"split: a fraction of ", fraction, " of ", aside.size(),
                                  " samples leaves no sample for ", (train.empty() ? "training" : "validation"),
                                  "; give more samples or another fraction"});
  }
  template <class Set>
  [[nodiscard]] train_valid<Set> of(Set const& set) const {
    return {select(set, std::span<index_t const>(train.data(), train.size())),
            select(set, std::span<index_t const>(valid.data(), valid.size()))};
  }
};

// Marks the same share of every stratum. `stratum` (N), in [0, strata).
[[gnu::cold]] inline std::vector<char> set_aside(std::span<std::int32_t const> stratum, index_t strata, double fraction,
                                                 std::uint64_t seed) {
  std::vector<std::vector<index_t>> of_stratum(static_cast<std::size_t>(strata));
  for (std::size_t i = 0; i < stratum.size(); ++i)
    of_stratum[static_cast<std::size_t>(stratum[i])].push_back(static_cast<index_t>(i));
  std::vector<char> aside(stratum.size());
  for (std::size_t c = 0; c < of_stratum.size(); ++c) {
    std::vector<index_t>& members = of_stratum[c];
    petra::random r(key(seed, split_key, c));
    r.shuffle(std::span<index_t>(members.data(), members.size()));
    auto const cut = static_cast<std::size_t>(fraction * static_cast<double>(members.size()) + 0.5);
    for (std::size_t k = 0; k < cut; ++k) aside[static_cast<std::size_t>(members[k])] = true;
  }
  return aside;
}

// Marks whole groups, drawn one after the other, as long as that brings the number of samples nearer to the fraction.
template <class = void>
[[gnu::cold]] std::vector<char> set_groups_aside(std::span<index_t const> group, double fraction, std::uint64_t seed) {
  index_t const* const id = group.data();
  std::vector<index_t> const sorted = ascending(group.size(), [=](index_t a, index_t b) { return id[a] < id[b]; });
  std::vector<index_t> first;  // of each group, its place in `sorted`
  for (std::size_t i = 0; i < sorted.size(); ++i)
    if (i == 0 || id[sorted[i]] != id[sorted[i - 1]]) first.push_back(static_cast<index_t>(i));
  std::vector<index_t> drawn(first.size());
  std::iota(drawn.begin(), drawn.end(), index_t{0});
  petra::random r(key(seed, split_key, first.size()));
  r.shuffle(std::span<index_t>(drawn.data(), drawn.size()));
  first.push_back(static_cast<index_t>(sorted.size()));

  std::vector<char> aside(group.size());
  double missing = fraction * static_cast<double>(group.size());
  for (index_t const g : drawn) {
    auto const from = static_cast<std::size_t>(first[static_cast<std::size_t>(g)]);
    auto const to = static_cast<std::size_t>(first[static_cast<std::size_t>(g) + 1]);
    auto const samples = static_cast<double>(to - from);
    if (samples >= 2 * missing) continue;
    missing -= samples;
    for (std::size_t k = from; k < to; ++k) aside[static_cast<std::size_t>(sorted[k])] = true;
  }
  return aside;
}

}  // namespace detail

// Sets `fraction` of the samples aside for validation, where there are classes the same share of every class (rounded
// to whole samples). Which ones is drawn by the seed.
// Throws: setting_error unless 0 < fraction < 1 and both parts get a sample.
template <dataset Set>
[[nodiscard, gnu::cold]] train_valid<Set> split(Set const& set, double fraction, std::uint64_t seed) {
  detail::check_fraction(fraction);
  std::vector<std::int32_t> stratum(static_cast<std::size_t>(set.size()));
  index_t strata = 1;
  if constexpr (labeled<Set>) {
    strata = set.classes();
    for (index_t i = 0; i < set.size(); ++i) stratum[static_cast<std::size_t>(i)] = set.label(i);
  }
  auto const aside = detail::set_aside({stratum.data(), stratum.size()}, strata, fraction, seed);
  return detail::split_positions({aside.data(), aside.size()}, fraction).of(set);
}

// The same where samples belong together, such as those of one client: `group` (N) numbers the owner of each sample,
// and no owner has samples in both parts. The share is met as nearly as whole groups allow; classes are not balanced.
// Throws: setting_error also unless there are as many groups as samples.
template <dataset Set>
[[nodiscard, gnu::cold]] train_valid<Set> split_by_group(Set const& set, std::span<index_t const> group,
                                                         double fraction, std::uint64_t seed) {
  detail::check_fraction(fraction);
  if (static_cast<index_t>(group.size()) != set.size())
    throw_error<setting_error>(
        {"split_by_group: expected one group for each of ", set.size(), " samples, found ", group.size()});
  auto const aside = detail::set_groups_aside(group, fraction, seed);
  return detail::split_positions({aside.data(), aside.size()}, fraction).of(set);
}

}  // namespace petra::data
