// Distinct strings, numbered in the order in which they came: what a vocabulary and a list of clients need of a map.
//
// Open addressing with linear probing in a table of a power of two, at most half full. Ten million different strings take
// about a gigabyte; looking one up costs its hash and mostly one comparison.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "petra/core/random.hpp"

namespace petra::inline PETRA_ABI {

class string_table {
 public:
  // Number of s, which is new or known.
  [[gnu::cold]] index_t insert(std::string_view s) {
    if (2 * (strings_.size() + 1) > slots_.size()) grow();
    std::size_t const at = slot_of(s);
    if (slots_[at] < 0) {
      strings_.emplace_back(s);
      slots_[at] = size() - 1;
    }
    return slots_[at];
  }
  // Number of s, -1 if it never came.
  [[nodiscard]] index_t find(std::string_view s) const { return slots_.empty() ? -1 : slots_[slot_of(s)]; }

  [[nodiscard]] index_t size() const { return static_cast<index_t>(strings_.size()); }
  [[nodiscard]] std::string const& operator[](index_t i) const {
    expects(i >= 0 && i < size(), "string_table: no such number");
    return strings_[static_cast<std::size_t>(i)];
  }
  // In the order of their numbers.
  [[nodiscard]] std::vector<std::string> const& all() const { return strings_; }

  friend bool operator==(string_table const& a, string_table const& b) { return a.strings_ == b.strings_; }

 private:
  // Where s is, or the free place where it belongs. Pre: a place is free.
  [[nodiscard]] std::size_t slot_of(std::string_view s) const {
    std::size_t const last = slots_.size() - 1;
    // FNV-1a alone leaves the low bits of short strings alike.
    for (auto at = static_cast<std::size_t>(mix(hash(s))) & last;; at = (at + 1) & last)
      if (slots_[at] < 0 || strings_[static_cast<std::size_t>(slots_[at])] == s) return at;
  }
  void grow() {
    slots_.assign(slots_.empty() ? 16 : 2 * slots_.size(), -1);
    for (index_t i = 0; i < size(); ++i) slots_[slot_of(strings_[static_cast<std::size_t>(i)])] = i;
  }

  std::vector<std::string> strings_;
  std::vector<index_t> slots_;  // numbers, -1: free
};

}  // namespace petra
