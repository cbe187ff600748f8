// Who computes the pieces of one operation: the calling thread, or threads that somebody lends.
//
// A piece is a range of samples. How many pieces there are follows from the extents, never from the number of threads, and
// sums over pieces are added in the order of their numbers: so results have the same bits on any number of threads.
// Source: docs/nn.md, "Same bits on any number of threads".
#pragma once
#include <algorithm>

#include "petra/core/extents.hpp"

namespace petra::inline PETRA_ABI {

// A reference to threads that live elsewhere (search/tbb_workers.hpp); by default the calling thread alone.
struct workers {
  using piece_function = void (*)(void const* task, index_t piece, int worker);
  int count = 1;               // of threads; `worker` is in [0, count)
  void const* pool = nullptr;  // outlives every use
  void (*run)(void const* pool, index_t pieces, void const* task, piece_function f) = alone;

  // f(piece, worker) for every piece in [0, n); returns when all are done. Pieces run in any order and at the same time,
  // but no two at a time for one worker.
  template <class F>
  void for_each(index_t n, F const& f) const {
    run(pool, n, &f,
        [](void const* task, index_t piece, int worker) { (*static_cast<F const*>(task))(piece, worker); });
  }

  static void alone(void const*, index_t pieces, void const* task, piece_function f) {
    for (index_t i = 0; i < pieces; ++i) f(task, i, 0);
  }
};

// [0, n) in pieces of `size` each, the last one smaller. Pre: n >= 0, size >= 1.
struct pieces {
  index_t n = 0, size = 1;
  [[nodiscard]] constexpr index_t count() const { return (n + size - 1) / size; }
  [[nodiscard]] constexpr index_t first(index_t piece) const { return piece * size; }
  [[nodiscard]] constexpr index_t last(index_t piece) const { return std::min(n, (piece + 1) * size); }
};

// Pieces of whole samples, as many eights as have at least `least` operations in all, `each` a sample. A piece costs about a
// microsecond to hand over.
[[nodiscard]] constexpr pieces pieces_of(index_t samples, index_t each, index_t least) {
  index_t const eights = std::max<index_t>(1, least / std::max<index_t>(1, 8 * each));
  return {samples, std::max<index_t>(1, std::min(samples, 8 * eights))};
}

}  // namespace petra
