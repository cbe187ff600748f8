// Random leaves for the examples that every op carries: the gradient check (grad/rules.hpp) is generated from them.
#pragma once
#include <string>

#include "petra/core/random.hpp"
#include "petra/grad/tape.hpp"

namespace petra::inline PETRA_ABI::ops {

// A variable with normal values. `away` > 0 keeps them that far from zero, where the op has a kink.
template <scalar T>
var draw(tape<T>& t, random& r, petra::shape s, T away = 0) {
  T* const v = t.template take<T>(s.count());
  for (index_t i = 0; i < s.count(); ++i) {
    T const x = static_cast<T>(r.normal());
    v[i] = x < 0 ? x - away : x + away;
  }
  return t.variable(s, v);
}

}  // namespace petra::ops
