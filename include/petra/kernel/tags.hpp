// Which twin of a kernel runs. `simd_tag` derives from `scalar_tag`: where no fast twin exists for the types at hand,
// the derived-to-base conversion picks the reference.
#pragma once
#include "petra/core/config.hpp"

namespace petra::inline PETRA_ABI::kernel {

struct scalar_tag {};
struct simd_tag : scalar_tag {};

// What ops pass.
inline constexpr simd_tag best{};

}  // namespace petra::kernel
