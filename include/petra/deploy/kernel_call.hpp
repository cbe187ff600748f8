// The address of what runs a step. Kernels that few programs need come to a step as one of these: `run` (deploy/execute.hpp)
// names the others and calls this, so that who does not need them does not compile them.
#pragma once
#include <compare>
#include <cstddef>

#include "petra/core/config.hpp"

namespace petra::inline PETRA_ABI::deploy {

struct step;
// Runs a step on the caller's input and logits, and the arena.
using kernel_call = void (*)(step const& s, float const* input, float* logits, std::byte* arena) noexcept;

// One that takes no part in comparisons: how a call is run says nothing of which call it is.
struct call_runner {
  kernel_call call = nullptr;
  friend constexpr std::strong_ordering operator<=>(call_runner, call_runner) { return std::strong_ordering::equal; }
  friend constexpr bool operator==(call_runner, call_runner) { return true; }
};

}  // namespace petra::deploy
