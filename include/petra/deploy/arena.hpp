// Offsets for buffers that live at different times: as few bytes as possible, no two live buffers overlap.
//
// Source: greedy by size (Pisarchyk, Lee, "Efficient Memory Management for Deep Neural Net Inference", 2020, section
// 4.3): the largest buffer first, each into the smallest gap between the buffers already placed that live when it does.
// Buffers of one size and buffers of one chain often come out better in another order, so three orders are tried and
// the best is kept.
// Deterministic. Cost: O(n^2) for n buffers; a network has tens.
#pragma once
#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "petra/core/extents.hpp"
#include "petra/core/order.hpp"

namespace petra::inline PETRA_ABI::deploy {

// Written in step `first`, read for the last time in step `last`. Both ends included: a step's inputs and outputs
// coexist.
struct lifetime {
  index_t bytes = 0, first = 0, last = 0;
  [[nodiscard]] constexpr bool meets(lifetime const& o) const { return first <= o.last && o.first <= last; }
};

struct arena_layout {
  std::vector<index_t> offset;  // one per buffer, multiples of `alignment`
  index_t bytes = 0;            // end of the highest buffer
};

// One cache line, one 512-bit vector.
inline constexpr index_t alignment = 64;

constexpr index_t aligned(index_t bytes) { return (bytes + alignment - 1) / alignment * alignment; }

template <class = void>
[[gnu::cold]] arena_layout place_in_order(std::vector<lifetime> const& buffers, std::vector<index_t> const& order) {
  arena_layout layout{std::vector<index_t>(buffers.size(), 0), 0};
  std::vector<index_t> placed;  // from the lowest to the highest
  auto const taken = [&](index_t j) {
    auto const k = static_cast<std::size_t>(j);
    return std::pair(layout.offset[k], layout.offset[k] + aligned(buffers[k].bytes));
  };
  for (index_t const next : order) {
    auto const i = static_cast<std::size_t>(next);
    index_t const need = aligned(buffers[i].bytes);
    index_t end = 0, best = -1, best_gap = 0;
    for (index_t const j : placed) {
      if (!buffers[i].meets(buffers[static_cast<std::size_t>(j)])) continue;
      auto const [from, to] = taken(j);
      index_t const gap = from - end;
      if (gap >= need && (best < 0 || gap < best_gap)) best = end, best_gap = gap;
      end = std::max(end, to);
    }
    layout.offset[i] = best < 0 ? end : best;
    layout.bytes = std::max(layout.bytes, layout.offset[i] + need);
    placed.push_back(next);
    for (std::size_t m = placed.size() - 1; m > 0 && taken(placed[m]) < taken(placed[m - 1]); --m)
      std::swap(placed[m], placed[m - 1]);
  }
  return layout;
}

template <class = void>
[[gnu::cold]] arena_layout place(std::vector<lifetime> const& buffers) {
  using key = std::pair<index_t, index_t>;
  auto const order_by = [&](key (*of)(lifetime const&)) {
    lifetime const* const buffer = buffers.data();
    return ascending(buffers.size(), [=](index_t a, index_t b) { return of(buffer[a]) < of(buffer[b]); });
  };
  auto const by_size = order_by([](lifetime const& x) { return key(-x.bytes, x.first); });
  auto const by_time = order_by([](lifetime const& x) { return key(x.first, -x.bytes); });
  auto const by_span = order_by([](lifetime const& x) { return key(x.first - x.last, -x.bytes); });
  arena_layout best = place_in_order(buffers, by_size);
  for (auto const& order : {by_time, by_span})
    if (arena_layout other = place_in_order(buffers, order); other.bytes < best.bytes) best = std::move(other);
  return best;
}

}  // namespace petra::deploy
