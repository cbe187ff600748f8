// Candidates in parallel on oneTBB threads, or the pieces of one training (`lend`). The only file that includes TBB.
//
// One task per thread, each drawing the next index from a ticket: a candidate trains for seconds, so splitting a range
// (parallel_for) gains nothing and would leave a thread with several candidates while another one idles.
// Differs: from tbb's defaults in that more threads than cores are granted when asked for.
#pragma once
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/info.h>
#include <oneapi/tbb/task_arena.h>
#include <oneapi/tbb/task_group.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <span>
#include <utility>
#include <vector>

#include "petra/core/error.hpp"
#include "petra/core/workers.hpp"
#include "petra/search/executor.hpp"

namespace petra::inline PETRA_ABI::search {

class tbb_executor {
 public:
  // Throws: setting_error when threads < 1.
  explicit tbb_executor(int threads)
      : threads_(checked(threads)), more_(tbb::global_control::max_allowed_parallelism, allowed(threads)) {}

  template <task F>
  void for_each(index_t n, F const& f) const {
    std::vector<tbb::task_handle> helpers(helpers_of(n));
    run(n, {&f, [](void const* t, index_t i, int) { (*static_cast<F const*>(t))(i); }},
        {helpers.data(), helpers.size()});
  }

  [[nodiscard]] int threads() const noexcept { return threads_; }

  // The threads for the ops of one training: `tape.workers`, `fit_settings::workers`. At most 16, from which nothing is
  // allocated. Pre: *this outlives their use, stays where it is, and serves one training at a time.
  [[nodiscard]] workers lend() const noexcept { return {std::min(threads_, most_lent), this, lent}; }

 private:
  static constexpr int most_lent = 16;
  struct any_task {
    void const* task;
    workers::piece_function call;
  };
  [[nodiscard]] std::size_t helpers_of(index_t n) const {
    return static_cast<std::size_t>(std::max<index_t>(0, std::min<index_t>(n, threads_) - 1));
  }
  static void lent(void const* pool, index_t n, void const* task, workers::piece_function f) {
    if (n < 2) return workers::alone(pool, n, task, f);
    auto const& self = *static_cast<tbb_executor const*>(pool);
    std::array<tbb::task_handle, most_lent - 1> helpers;
    self.run(n, any_task{task, f}, {helpers.data(), std::min<std::size_t>(self.helpers_of(n), helpers.size())});
  }
  // Not for each type of task: arena, group and handles are forty functions to the compiler. A template, so that who
  // runs nothing compiles none of them.
  template <class Task = any_task>
  void run(index_t n, Task const f, std::span<tbb::task_handle> helpers) const {
    if (n <= 0) return;
    std::atomic<index_t> ticket{0};
    auto const work = [&](int worker) {
      for (index_t i; (i = ticket.fetch_add(1, std::memory_order_relaxed)) < n;)
        // Isolated: a candidate that waits for tasks of its own must not start another candidate meanwhile.
        tbb::this_task_arena::isolate([&] { f.call(f.task, i, worker); });
      handover().fetch_add(1, std::memory_order_acq_rel);
    };
    arena_.execute([&] {
      tbb::task_group group;
      int worker = 0;
      for (tbb::task_handle& h : helpers)
        h = group.defer([&work, w = ++worker] {
          handover().load(std::memory_order_acquire);  // before anything that is captured is read
          work(w);
        });
      handover().fetch_add(1, std::memory_order_acq_rel);
      for (tbb::task_handle& h : helpers) group.run(std::move(h));
      work(0);
      group.wait();
    });
    handover().load(std::memory_order_acquire);
  }

  static int checked(int threads) {
    if (threads < 1) throw_error<setting_error>({"tbb_executor: threads must be at least 1, found ", threads});
    return threads;
  }
  // tbb orders what happens before, in and after the tasks, but a thread sanitizer sees nothing in an uninstrumented
  // libtbb. This atomic, older than every thread, shows it the same order; for its sake the tasks are made (deferred)
  // before any of them runs. With it no suppression is needed.
  static std::atomic<unsigned>& handover() noexcept {
    static constinit std::atomic<unsigned> count{0};
    return count;
  }
  // A process-wide cap: only ever widened beyond the default.
  static std::size_t allowed(int threads) {
    return static_cast<std::size_t>(std::max(threads, tbb::info::default_concurrency()));
  }

  int threads_;
  tbb::global_control more_;
  mutable tbb::task_arena arena_{threads_};
};

static_assert(executor<tbb_executor>);

}  // namespace petra::search
