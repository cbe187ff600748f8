// From what `lower` built to what the planner and the packer take: no batch norms, no ReLU that could be fused, one
// format for each value, no float sum that its reader could make, nothing that nobody reads.
#pragma once
#include <utility>

#include "petra/deploy/assign_formats.hpp"
#include "petra/deploy/check_graph.hpp"
#include "petra/deploy/fold_batch_norms.hpp"
#include "petra/deploy/fuse_relu.hpp"
#include "petra/deploy/fuse_sums.hpp"

namespace petra::inline PETRA_ABI::deploy {

// Idempotent. Throws: shape_error, stage_error (check_graph.hpp, assign_formats.hpp).
template <class = void>
[[nodiscard]] graph run_passes(graph g) {
  check(g);
  drop_unread(g);
  fold_batch_norms(g);
  fuse_relu(g);
  assign_formats(g);
  fuse_sums(g);
  return g;
}

}  // namespace petra::deploy
