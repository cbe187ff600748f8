// Sizes and settings of a pooling along the steps of sequences.
#pragma once
#include <algorithm>
#include <cstdint>

#include "petra/core/extents.hpp"

namespace petra::inline PETRA_ABI::kernel {

// The steps [first, last) of a sequence that a window holds; none where it lies on padding alone.
struct step_range {
  index_t first, last;
  [[nodiscard]] constexpr index_t count() const { return last - first; }
};

// x (N,L,C), y (N,L',C). Sequence n has length[n] steps, L without `length`; what follows them and the `before` and `after`
// steps around them hold no values: a maximum ignores them, an average does not count them.
struct pool1d_dims {
  index_t n, steps, c, taps, stride = 1, before = 0, after = 0;
  std::int32_t const* length = nullptr;

  [[nodiscard]] constexpr index_t out() const { return (steps + before + after - taps) / stride + 1; }
  [[nodiscard]] constexpr index_t steps_of(index_t sequence) const {
    return length == nullptr ? steps : length[sequence];
  }
  // Of output o of a sequence with this many steps.
  [[nodiscard]] constexpr step_range window(index_t sequence_steps, index_t o) const {
    index_t const at = o * stride - before, first = std::max<index_t>(at, 0);
    return {first, std::max(first, std::min(at + taps, sequence_steps))};
  }
  // The outputs [first, last) whose windows hold a step.
  [[nodiscard]] constexpr step_range outputs_of(index_t step) const {
    index_t const late = step + before - taps + 1;  // of the window that ends on it
    return {late <= 0 ? 0 : (late + stride - 1) / stride, std::min(out(), (step + before) / stride + 1)};
  }
  // Sequences [first, last) alone.
  [[nodiscard]] constexpr pool1d_dims part(index_t from, index_t to) const {
    pool1d_dims d = *this;
    d.n = to - from;
    if (length != nullptr) d.length += from;
    return d;
  }

  // What every kernel expects.
  [[nodiscard]] constexpr bool valid() const {
    return n >= 0 && steps > 0 && c > 0 && taps > 0 && stride > 0 && before >= 0 && before < taps && after >= 0 &&
           after < taps && steps + before + after >= taps;
  }
};

}  // namespace petra::kernel
