// Square root that the compiler can evaluate; at run time it is std::sqrt. std::sqrt is not constexpr before C++26.
#pragma once
#include <cmath>
#include <type_traits>

#include "petra/core/concepts.hpp"

namespace petra::inline PETRA_ABI::kernel {

// Pre: x >= 0 and finite when constant-evaluated (Newton's method, within 1 ulp).
template <scalar T>
constexpr T square_root(T x) {
  if (!std::is_constant_evaluated()) return std::sqrt(x);
  if (x == T(0)) return x;
  // Starting above the root, Newton's iterates fall until rounding stops them.
  T root = x > T(1) ? x : T(1);
  for (;;) {
    T const next = T(0.5) * (root + x / root);
    if (!(next < root)) return root;
    root = next;
  }
}

}  // namespace petra::kernel
