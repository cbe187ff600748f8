// When a search ends: after so many evaluations, after so many seconds, or on Ctrl-C; and the flag that tells a
// training in flight to stop at its next batch.
#pragma once
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "petra/core/error.hpp"
#include "petra/core/extents.hpp"

namespace petra::inline PETRA_ABI::search {

// At least one of the two; the first to be reached ends the search.
struct budget {
  std::optional<index_t> evaluations;
  std::optional<double> seconds;
};

// Throws: setting_error.
inline void check(budget const& b) {
  if (!b.evaluations && !b.seconds)
    throw setting_error("budget: expected a number of evaluations, of seconds, or both, found neither");
  if (b.evaluations && *b.evaluations < 1)
    throw_error<setting_error>({"budget: evaluations must be at least 1, found ", *b.evaluations});
  if (b.seconds && !(*b.seconds > 0 && std::isfinite(*b.seconds)))
    throw_error<setting_error>({"budget: seconds must be positive and finite, found ", *b.seconds});
}

// Raised once, polled by every training between two batches. Safe to raise from a signal handler and from any thread.
class stop_flag {
 public:
  stop_flag() = default;
  stop_flag(stop_flag const&) = delete;
  stop_flag& operator=(stop_flag const&) = delete;

  // The user wants to stop everything. Stays.
  void interrupt() noexcept {
    interrupted_.store(true);
    raised_.store(true);
  }
  // The time of the work in hand is over; lifted when the next work starts.
  void end_budget() noexcept { raised_.store(true); }
  // Undoes end_budget, never interrupt: one that arrives between the two lines raises the flag after the first.
  void lift_budget() noexcept {
    raised_.store(false);
    if (interrupted_.load()) raised_.store(true);
  }

  [[nodiscard]] bool raised() const noexcept { return raised_.load(); }
  [[nodiscard]] bool interrupted() const noexcept { return interrupted_.load(); }
  // For code left of `search`, which knows no stop_flag.
  [[nodiscard]] std::atomic<bool> const& raised_atomic() const noexcept { return raised_; }

 private:
  static_assert(std::atomic<bool>::is_always_lock_free, "petra: a stop flag is raised in a signal handler");
  std::atomic<bool> raised_{false};
  std::atomic<bool> interrupted_{false};
};

// Ends the budget of `flag` after so many seconds unless destroyed before; lifts it again when destroyed. A thread that
// sleeps, so that a training polls one atomic and reads no clock. One deadline at a time per flag.
class deadline {
 public:
  template <class = void>  // a thread is a hundred functions to the compiler
  deadline(stop_flag& flag, std::optional<double> seconds) : flag_(flag) {
    if (!seconds) return;
    // 1e9 s are 31 years: what a time point surely holds.
    auto const end =
        std::chrono::steady_clock::now() + std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                                               std::chrono::duration<double>(std::clamp(*seconds, 0.0, 1e9)));
    watch_ = std::thread([this, end] {
      std::unique_lock lock(mutex_);
      if (!wake_.wait_until(lock, end, [this] { return over_; })) flag_.end_budget();
    });
  }
  deadline(deadline const&) = delete;
  deadline& operator=(deadline const&) = delete;
  ~deadline() {
    if (!watch_.joinable()) return;
    {
      std::lock_guard const lock(mutex_);
      over_ = true;
    }
    wake_.notify_one();
    watch_.join();
    flag_.lift_budget();
  }

 private:
  stop_flag& flag_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool over_ = false;
  std::thread watch_;
};

// While it lives, the first Ctrl-C interrupts `flag` and a second one ends the process at once (exit code 130).
// Pre: one at a time; a signal handler can reach nothing but a global.
class interrupt_guard {
 public:
  explicit interrupt_guard(stop_flag& flag) {
    target().store(&flag);
    before_ = std::signal(SIGINT, [](int) {
      stop_flag* const f = target().load();
      if (f == nullptr || f->interrupted()) std::_Exit(130);
      f->interrupt();
    });
  }
  interrupt_guard(interrupt_guard const&) = delete;
  interrupt_guard& operator=(interrupt_guard const&) = delete;
  ~interrupt_guard() {
    std::signal(SIGINT, before_ == SIG_ERR ? SIG_DFL : before_);
    target().store(nullptr);
  }

 private:
  static std::atomic<stop_flag*>& target() noexcept {
    static constinit std::atomic<stop_flag*> flag{nullptr};
    return flag;
  }
  void (*before_)(int) = SIG_DFL;
};

}  // namespace petra::search
