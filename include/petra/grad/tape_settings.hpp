// What ops ask a tape beside its nodes: what the step is for, how it computes and who.
#pragma once
#include <cstdint>

#include "petra/core/workers.hpp"
#include "petra/grad/products.hpp"

namespace petra::inline PETRA_ABI {

struct tape_settings {
  // Batch norm uses and updates batch statistics; gradients are recorded.
  bool training = true;
  // Weights note the range of their inputs (calibration).
  bool observing = false;
  // What runs was run before in this step (nn/recompute.hpp): state that moves with the steps has moved.
  bool repeating = false;
  // Mixed precision (grad/bf16.hpp): what convolutions and matrix products multiply with. null: in float. A tape of doubles
  // takes no notice.
  products const* bf16 = nullptr;
  // Who computes the pieces of an op.
  petra::workers workers;
  // Key of what the ops of one step draw (dropout): a training sets it for every step.
  std::uint64_t noise_key = 0;
};

}  // namespace petra
