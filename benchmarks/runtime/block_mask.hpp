// Weights of which only a share of the blocks of 16 outputs x 4 inputs is not zero, for benchmarks.
#pragma once
#include <memory>
#include <vector>

#include "petra/core/random.hpp"

namespace bench {

using petra::index_t;

struct block_mask {
  // Exactly the share of the blocks of each 16 outputs, chosen at random.
  block_mask(index_t c, index_t o, int percent_zeros)
      : columns((c + 3) / 4),
        count(static_cast<std::size_t>((o + 15) / 16 * columns)),
        keep(std::make_unique<bool[]>(count)) {
    petra::random r(petra::key(7, c, o, percent_zeros));
    for (index_t row = 0; row < (o + 15) / 16; ++row)
      for (index_t left = columns * (100 - percent_zeros) / 100; left > 0;) {
        bool& k = keep[row * columns + r.index(columns)];
        left -= !k;
        k = true;
      }
  }
  template <class T>
  [[nodiscard]] std::vector<T> cut(std::vector<T> w, index_t c) const {
    for (std::size_t i = 0; i < w.size(); ++i) {
      auto const at = static_cast<index_t>(i);
      if (!keep[at / c / 16 * columns + at % c / 4]) w[i] = T{};
    }
    return w;
  }
  index_t columns;
  std::size_t count;
  std::shared_ptr<bool[]> keep;
};

}  // namespace bench
