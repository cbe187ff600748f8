// Candidates in parallel on oneTBB threads. The only file that includes TBB.
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
#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "petra/core/error.hpp"
#include "petra/search/executor.hpp"

namespace petra::inline PETRA_ABI::search {

class tbb_executor {
 public:
  // Throws: setting_error when threads < 1.
  explicit tbb_executor(int threads)
      : threads_(checked(threads)), more_(tbb::global_control::max_allowed_parallelism, allowed(threads)) {}

  template <task F>
  void for_each(index_t n, F const& f) const {
    run(n, any_task{&f, [](void const* task, index_t i) noexcept { (*static_cast<F const*>(task))(i); }});
  }

  [[nodiscard]] int threads() const noexcept { return threads_; }

 private:
  struct any_task {
    void const* task;
    void (*call)(void const*, index_t) noexcept;
  };
  // Not for each type of task: arena, group and handles are forty functions to the compiler. A template, so that who
  // runs nothing compiles none of them.
  template <class Task>
  void run(index_t n, Task const f) const {
    if (n <= 0) return;
    std::atomic<index_t> ticket{0};
    auto const work = [&] {
      handover().load(std::memory_order_acquire);
      for (index_t i; (i = ticket.fetch_add(1, std::memory_order_relaxed)) < n;)
        // Isolated: a candidate that waits for tasks of its own must not start another candidate meanwhile.
        tbb::this_task_arena::isolate([&] { f.call(f.task, i); });
      handover().fetch_add(1, std::memory_order_acq_rel);
    };
    tbb::task_arena arena(threads_);
    arena.execute([&] {
      tbb::task_group group;
      std::vector<tbb::task_handle> workers;
      for (index_t w = 1; w < std::min(n, static_cast<index_t>(threads_)); ++w) workers.push_back(group.defer(work));
      handover().fetch_add(1, std::memory_order_acq_rel);
      for (tbb::task_handle& w : workers) group.run(std::move(w));
      work();
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
};

static_assert(executor<tbb_executor>);

}  // namespace petra::search
