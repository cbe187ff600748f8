// The Pareto archive: every point nothing else dominates, without a size cap.
//
// Properties: the content is a function of the set of insertions, not of their order. Of points that are equal the one
// with the lowest id stays. Points that are not finite never enter.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "petra/search/objective.hpp"

namespace petra::inline PETRA_ABI::search {

class archive {
 public:
  struct entry {
    std::int64_t id = 0;
    point cost;
    friend bool operator==(entry const&, entry const&) = default;
  };

  // Whether it entered. Cost: O(size x objectives).
  bool insert(std::int64_t id, point const& cost) {
    if (!is_finite(cost)) return false;
    for (entry const& e : entries_)
      if (dominates(e.cost, cost) || (e.cost == cost && e.id <= id)) return false;
    std::vector<entry> kept;
    for (entry const& e : entries_)
      if (!dominates(cost, e.cost) && e.cost != cost) kept.push_back(e);
    kept.push_back({id, cost});
    for (std::size_t k = kept.size() - 1; k > 0 && kept[k].id < kept[k - 1].id; --k) std::swap(kept[k], kept[k - 1]);
    entries_ = std::move(kept);
    return true;
  }

  // In ascending order of ids.
  [[nodiscard]] std::span<entry const> entries() const { return {entries_.data(), entries_.size()}; }
  [[nodiscard]] index_t size() const { return static_cast<index_t>(entries_.size()); }
  [[nodiscard]] std::vector<std::int64_t> ids() const {
    std::vector<std::int64_t> out;
    out.reserve(entries_.size());
    for (entry const& e : entries_) out.push_back(e.id);
    return out;
  }

 private:
  std::vector<entry> entries_;
};

}  // namespace petra::search
