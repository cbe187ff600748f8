// Classes as a text file names them, numbered: whole numbers in their order, any other names in the order of their bytes.
// Labels 0 1 2 keep their numbers, labels 1 2 3 become 0 1 2, ham and spam become 0 and 1.
#pragma once
#include <cstdint>

#include "petra/core/order.hpp"
#include "petra/core/string_table.hpp"
#include "petra/data/cell.hpp"

namespace petra::inline PETRA_ABI::data {

// More are refused: such a column is no class but an id or a number to predict.
inline constexpr index_t most_classes = 10'000;

// The different labels of a training part, class c at place c.
[[nodiscard, gnu::cold]] inline string_table number_classes(string_table const& labels) {
  auto const n = static_cast<std::size_t>(labels.size());
  std::vector<std::int64_t> number(n);
  bool whole = true;
  for (std::size_t i = 0; i < n && whole; ++i) whole = parse_whole(labels.all()[i], number[i]);
  auto const before = [&](index_t a, index_t b) {
    auto const x = number[static_cast<std::size_t>(a)], y = number[static_cast<std::size_t>(b)];
    return whole && x != y ? x < y : labels[a] < labels[b];
  };
  string_table classes;
  for (index_t const i : ascending(n, before)) classes.insert(labels[i]);
  return classes;
}

}  // namespace petra::data
