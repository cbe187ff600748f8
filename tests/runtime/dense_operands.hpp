// Operands of dense layers for tests: filled at random, each ends where a protected page begins.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "../kernel/guarded_page.hpp"
#include "petra/core/random.hpp"
#include "petra/runtime/requantize.hpp"

namespace operands {

using petra::index_t;

// Memory for operands of up to `most` elements, reused: thousands of shapes need no thousands of mappings.
template <class T>
class ending {
 public:
  explicit ending(index_t most) : memory_(most) {}
  // n elements before the protected page.
  T* take(index_t n) { return memory_.data() + (memory_.size() - n); }

 private:
  guarded::array<T> memory_;
};

template <class T>
void fill(petra::random& r, T* p, index_t n, int lo, int hi) {
  for (index_t i = 0; i < n; ++i) p[i] = static_cast<T>(lo + static_cast<int>(r.index(hi - lo + 1)));
}
inline void fill(petra::random& r, float* p, index_t n) {
  for (index_t i = 0; i < n; ++i) p[i] = r.uniform(-1.f, 1.f);
}

// Factors that bring sums of size `typical` onto an int8 grid.
inline void fill_factors(petra::random& r, index_t n, double typical, std::int32_t* multiplier, std::int8_t* shift) {
  for (index_t o = 0; o < n; ++o) {
    auto const q = petra::rt::quantize_multiplier(static_cast<double>(r.uniform(20.f, 200.f)) / typical);
    multiplier[o] = q.multiplier;
    shift[o] = static_cast<std::int8_t>(q.shift);
  }
}

// Lengths around a block of n.
constexpr std::array<index_t, 8> lengths(index_t n) { return {1, 3, 7, n - 1, n, n + 1, 4 * n / 3, 8 * n + 2}; }

}  // namespace operands
