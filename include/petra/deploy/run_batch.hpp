// A batch on several threads: samples of one program, each run by one thread, drawn a few at a time.
//
//   search::tbb_executor const threads(2);
//   std::vector<deploy::session> sessions(2, deploy::session(program));
//   deploy::run_batch(sessions, x, 64, logits, threads);
//
// The executor (search/executor.hpp says what one is) runs one task per session; a session belongs to one thread at a
// time, the program is shared. Sample by sample, activations stay in a core's own cache. A thread draws a share of what is
// left, half of what would be its own: there are few draws, and the last ones, for which the others may have to wait, are
// single samples. Logits are the same bits as one session gives.
// Source: Polychronopoulos, Kuck, "Guided self-scheduling", IEEE Transactions on Computers, 1987.
// Pre: at least one session; x holds count samples (N,H,W,C), logits count outputs (N,O); they do not overlap.
// Cost: handing a batch to the threads takes about 10 us (tbb_executor).
#pragma once
#include <algorithm>
#include <atomic>
#include <span>

#include "petra/deploy/execute.hpp"

namespace petra::inline PETRA_ABI::deploy {

template <class Executor>
void run_batch(std::span<session> sessions, float const* x, index_t count, float* logits, Executor const& executor) {
  expects(!sessions.empty(), "run_batch: expected at least one session");
  auto const threads = static_cast<index_t>(sessions.size());
  std::atomic<index_t> next{0};
  executor.for_each(threads, [&](index_t t) noexcept {
    session& s = sessions[static_cast<std::size_t>(t)];
    index_t const in = s.model().input_size(), out = s.model().output_size();
    for (index_t first = next.load(std::memory_order_relaxed); first < count;) {
      index_t const n = std::max<index_t>(1, (count - first) / (2 * threads));
      if (!next.compare_exchange_weak(first, first + n, std::memory_order_relaxed)) continue;
      run_batch(s, x + first * in, n, logits + first * out);
      first = next.load(std::memory_order_relaxed);
    }
  });
}

}  // namespace petra::deploy
