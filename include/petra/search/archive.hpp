// The Pareto archive: every point nothing else dominates, without a size cap.
//
// Properties: the content is a function of the set of insertions, not of their order. Of points that are equal the one
// with the lowest id stays. Points that are not finite never enter.
#pragma once
#include <algorithm>
#include <cstdint>
#include <span>
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
    std::erase_if(entries_, [&](entry const& e) { return dominates(cost, e.cost) || e.cost == cost; });
    auto const at =
        std::lower_bound(entries_.begin(), entries_.end(), id, [](entry const& e, std::int64_t i) { return e.id < i; });
    entries_.insert(at, entry{id, cost});
    return true;
  }

  // In ascending order of ids.
  [[nodiscard]] std::span<entry const> entries() const { return entries_; }
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
