// A batch on several threads: samples of one program, each run by one thread, drawn one after the other.
//
//   search::tbb_executor const threads(2);
//   std::vector<deploy::session> sessions(2, deploy::session(program));
//   deploy::run_batch(sessions, x, 64, logits, threads);
//
// The executor (search/executor.hpp says what one is) runs one task per session; a session belongs to one thread at a
// time, the program is shared. Sample by sample, activations stay in a core's own cache, and a thread that is
// interrupted delays one sample. Logits are the same bits as one session gives.
// Pre: at least one session; x holds count samples (N,H,W,C), logits count outputs (N,O); they do not overlap.
// Cost: handing a batch to the threads takes about 10 us (tbb_executor).
#pragma once
#include <atomic>
#include <span>

#include "petra/deploy/execute.hpp"

namespace petra::inline PETRA_ABI::deploy {

template <class Executor>
void run_batch(std::span<session> sessions, float const* x, index_t count, float* logits, Executor const& executor) {
  expects(!sessions.empty(), "run_batch: expected at least one session");
  std::atomic<index_t> next{0};
  executor.for_each(static_cast<index_t>(sessions.size()), [&](index_t t) noexcept {
    session& s = sessions[static_cast<std::size_t>(t)];
    index_t const in = s.model().input_size(), out = s.model().output_size();
    for (index_t i; (i = next.fetch_add(1, std::memory_order_relaxed)) < count;) s.run(x + i * in, logits + i * out);
  });
}

}  // namespace petra::deploy
