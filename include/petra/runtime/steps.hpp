// Sequences whose last steps are padding: where they end.
//
// A length is a float, or a null pointer: all steps count. Whatever it holds, nothing is read outside x.
#pragma once
#include "petra/runtime/lanes.hpp"

namespace petra::inline PETRA_ABI::rt {

constexpr index_t steps_that_count(index_t steps, float const* length) noexcept {
  if (length == nullptr || *length >= static_cast<float>(steps)) return steps;
  return *length > 0 ? static_cast<index_t>(*length) : 0;  // 0 for what is no number
}

}  // namespace petra::rt
