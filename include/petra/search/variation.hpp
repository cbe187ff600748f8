// New genomes from old ones: edits (insert, drop, swap, replace, tune) and crossover of sub-sequences.
//
// Properties: every result is legal and was not seen before; a pure function of (arguments, random stream). Nothing
// here knows what a gene means: that a training stage stays first, say, is the space's judgment alone.
#pragma once
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "petra/search/concepts.hpp"

namespace petra::inline PETRA_ABI::search {

struct variation {
  float crossover = 0.5f;  // probability that a child starts from two parents instead of one
  float again = 0.3f;      // probability of one more edit after each
  // Relative weights of the edits.
  float insert = 1, drop = 1, swap = 1, replace = 1, tune = 2;
  index_t max_length = 12;
  index_t growth = 4;  // a random genome is a start and 1 to `growth` edits, half of them insertions, none a drop
  index_t tries = 64;  // of everything that may turn out illegal or seen
};

enum class edit : unsigned char { insert, drop, swap, replace, tune };

inline constexpr std::array<float variation::*, 5> edit_weights{&variation::insert, &variation::drop, &variation::swap,
                                                                &variation::replace, &variation::tune};

// Throws: setting_error.
inline void check(variation const& v) {
  if (!(v.crossover >= 0 && v.crossover <= 1))
    throw_error<setting_error>({"variation: crossover must lie in [0, 1], found ", v.crossover});
  if (!(v.again >= 0 && v.again < 1))
    throw_error<setting_error>({"variation: again must lie in [0, 1), found ", v.again});
  float sum = 0;
  for (auto const w : edit_weights) {
    if (!(v.*w >= 0 && v.*w <= 1e6f))
      throw_error<setting_error>({"variation: the weight of an edit must lie in [0, 1e6], found ", v.*w});
    sum += v.*w;
  }
  if (!(sum > 0)) throw setting_error("variation: expected an edit with a positive weight, found none");
  if (v.max_length < 1) throw_error<setting_error>({"variation: max_length must be at least 1, found ", v.max_length});
  if (v.growth < 1) throw_error<setting_error>({"variation: growth must be at least 1, found ", v.growth});
  if (v.tries < 1) throw_error<setting_error>({"variation: tries must be at least 1, found ", v.tries});
}

// One edit of a genome; legal or not. Pre: drop, replace, tune need a gene, swap two.
template <search_space S>
[[nodiscard, gnu::cold]] genome<S> edited(S const& space, genome<S> g, edit e, random& r) {
  auto const n = static_cast<index_t>(g.size());
  expects(n >= (e == edit::insert ? 0 : e == edit::swap ? 2 : 1), "search: the genome is too short for this edit");
  index_t const at = r.index(e == edit::insert ? n + 1 : n);
  auto const gene = g.begin() + at;
  switch (e) {
    case edit::insert:
      g.insert(gene, space.random_gene(r));
      break;
    case edit::drop:
      g.erase(gene);
      break;
    case edit::swap: {
      index_t const other = r.index(n - 1);
      std::swap(*gene, *(g.begin() + (other < at ? other : other + 1)));
      break;
    }
    case edit::replace:
      *gene = space.random_gene(r);
      break;
    case edit::tune:
      *gene = space.mutate(*gene, r);
      break;
  }
  return g;
}

// An edit that the length allows, drawn by weight; nothing when none has weight.
[[nodiscard, gnu::cold]] inline std::optional<edit> draw_edit(variation const& v, index_t length, random& r) {
  std::array<float, edit_weights.size()> weight{};
  float sum = 0;
  for (std::size_t i = 0; i < weight.size(); ++i) {
    auto const e = static_cast<edit>(i);
    bool const fits = e == edit::insert ? length < v.max_length : length >= (e == edit::swap ? 2 : 1);
    if (fits) sum += weight[i] = v.*edit_weights[i];
  }
  if (!(sum > 0)) return std::nullopt;
  float at = r.uniform() * sum;
  std::size_t last = 0;  // rounding may leave `at` positive after the last weight
  for (std::size_t i = 0; i < weight.size(); ++i) {
    if (!(weight[i] > 0)) continue;
    last = i;
    if ((at -= weight[i]) < 0) break;
  }
  return static_cast<edit>(last);
}

// One edit from g to a legal genome; nothing when there is none. The edit is drawn first and then tried until it is
// legal: were every illegal result drawn anew, dropping, which is nearly always legal, would win over inserting, which
// rarely is, and genomes would shrink (mean length of a random walk in the test's space: 1.9 genes then, 3.0 so).
template <search_space S>
[[nodiscard, gnu::cold]] std::optional<genome<S>> legal_edit(S const& space, genome<S> const& g, variation v,
                                                             random& r) {
  while (auto const e = draw_edit(v, static_cast<index_t>(g.size()), r)) {
    for (index_t i = 0; i < v.tries; ++i) {
      genome<S> next = edited(space, g, *e, r);
      if (space.legal(next)) return next;
    }
    v.*edit_weights[static_cast<std::size_t>(*e)] = 0;
  }
  return std::nullopt;
}

// a with one of its sub-sequences (possibly empty) replaced by a non-empty one of b; a copy of a when b is empty.
template <class Gene>
[[nodiscard, gnu::cold]] std::vector<Gene> crossed(std::vector<Gene> const& a, std::vector<Gene> const& b, random& r) {
  if (b.empty()) return a;
  auto const cut = [&r](index_t n, index_t least) {
    index_t const first = r.index(n - least + 1);
    return std::pair(first, first + least + r.index(n - first - least + 1));
  };
  auto const [from, to] = cut(static_cast<index_t>(a.size()), 0);
  auto const [first, last] = cut(static_cast<index_t>(b.size()), 1);
  std::vector<Gene> child(a.begin(), a.begin() + from);
  child.insert(child.end(), b.begin() + first, b.begin() + last);
  child.insert(child.end(), a.begin() + to, a.end());
  return child;
}

// A legal crossover of a and b that is not too long; a itself when none is found.
template <search_space S>
[[nodiscard, gnu::cold]] genome<S> legal_cross(S const& space, genome<S> const& a, genome<S> const& b,
                                               variation const& v, random& r) {
  for (index_t i = 0; i < v.tries; ++i) {
    genome<S> child = crossed(a, b, r);
    if (static_cast<index_t>(child.size()) <= v.max_length && space.legal(child)) return child;
  }
  return a;
}

// Legal edits from `g` on, at most `tries`, to the first genome that was not seen.
template <search_space S, class Seen>
[[nodiscard, gnu::cold]] std::optional<genome<S>> walk(S const& space, genome<S> g, variation const& v, random& r,
                                                       Seen const& seen) {
  for (index_t i = 0; i < v.tries; ++i) {
    std::optional<genome<S>> next = legal_edit(space, g, v, r);
    if (!next || !seen(*next)) return next;
    g = std::move(*next);
  }
  return std::nullopt;
}

// A child of a and b (a itself may be b): crossover and edits, `tries` times; then a copy of `a` whose settings alone
// walk on. Nothing when all that was seen before. Pre: a is legal.
template <search_space S, class Seen>
[[nodiscard, gnu::cold]] std::optional<genome<S>> vary(S const& space, genome<S> const& a, genome<S> const& b,
                                                       variation const& v, random& r, Seen const& seen) {
  for (index_t i = 0; i < v.tries; ++i) {
    bool const two = r.uniform() < v.crossover;
    genome<S> child = two ? legal_cross(space, a, b, v, r) : a;
    for (bool more = !two || r.uniform() < v.again; more; more = r.uniform() < v.again) {
      std::optional<genome<S>> next = legal_edit(space, child, v, r);
      if (!next) break;
      child = std::move(*next);
    }
    if (!seen(child)) return child;
  }
  variation only_tune = v;
  only_tune.insert = only_tune.drop = only_tune.swap = only_tune.replace = 0;
  only_tune.tune = 1;
  return walk(space, a, only_tune, r, seen);
}

// A genome that was not seen: one of `starts` (nothing at all when there are none), grown; then edited on until it is
// new. Nothing when `tries` edits do not leave what was seen. Pre: starts are legal.
template <search_space S, class Seen>
[[nodiscard, gnu::cold]] std::optional<genome<S>> random_genome(S const& space, std::vector<genome<S>> const& starts,
                                                                variation const& v, random& r, Seen const& seen) {
  genome<S> g;
  if (!starts.empty()) g = starts[static_cast<std::size_t>(r.index(static_cast<index_t>(starts.size())))];
  variation grow = v;
  grow.drop = 0;
  if (v.insert > 0) grow.insert = std::max(v.insert, v.swap + v.replace + v.tune);
  for (index_t edits = 1 + r.index(v.growth); edits > 0; --edits) {
    std::optional<genome<S>> next = legal_edit(space, g, grow, r);
    if (!next) break;
    g = std::move(*next);
  }
  if (space.legal(g) && !seen(g)) return g;
  return walk(space, std::move(g), v, r, seen);
}

}  // namespace petra::search
