#include "petra/search/tbb_executor.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace {

using namespace petra::search;
using petra::index_t;

TEST_CASE("tbb_executor: every index once, results visible afterwards, for any number of threads") {
  for (int const threads : {1, 2, 3, 8}) {
    tbb_executor const e(threads);
    CHECK(e.threads() == threads);
    for (index_t const n : {0, 1, 2, 7, 500}) {
      std::vector<int> runs(static_cast<std::size_t>(n), 0);
      e.for_each(n, [&](index_t i) noexcept { ++runs[static_cast<std::size_t>(i)]; });
      CHECK(runs == std::vector<int>(static_cast<std::size_t>(n), 1));
    }
  }
}

TEST_CASE("tbb_executor: as many calls at once as threads, even on fewer cores") {
  tbb_executor const e(6);
  std::atomic<int> inside{0};
  std::atomic<bool> all{false};
  e.for_each(6, [&](index_t) noexcept {
    if (++inside == 6) all = true;
    // Nobody leaves before the sixth is in; five seconds only bound the failure.
    auto const limit = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (!all && std::chrono::steady_clock::now() < limit) std::this_thread::yield();
    --inside;
  });
  CHECK(all);
}

TEST_CASE("tbb_executor: calls start in the order of indices") {
  tbb_executor const e(4);
  std::atomic<index_t> started{0};
  std::atomic<int> far{0};
  e.for_each(200, [&](index_t i) noexcept {
    // At most `threads` indices are drawn and not yet counted.
    index_t const before = started.fetch_add(1);
    if (i > before + 4 || i < before - 4) far.fetch_add(i > before + 4);
  });
  CHECK(far == 0);
}

TEST_CASE("tbb_executor: a task may use the executor itself") {
  tbb_executor const e(2);
  std::atomic<int> sum{0};
  e.for_each(4, [&](index_t) noexcept { e.for_each(10, [&](index_t i) noexcept { sum += static_cast<int>(i); }); });
  CHECK(sum == 4 * 45);
}

TEST_CASE("tbb_executor: needs a thread") {
  CHECK_THROWS_WITH_AS(tbb_executor(0), "tbb_executor: threads must be at least 1, found 0", petra::setting_error);
  CHECK_THROWS_AS(tbb_executor(-3), petra::setting_error);
}

}  // namespace

TEST_CASE("tbb_executor: lent threads compute every piece once, no two pieces at a time for one worker") {
  for (int const threads : {1, 2, 8}) {
    petra::search::tbb_executor const e(threads);
    petra::workers const w = e.lend();
    CHECK(w.count == threads);
    for (petra::index_t const n : {0, 1, 2, 7, 100}) {
      std::vector<std::atomic<int>> times(static_cast<std::size_t>(n));
      std::array<std::atomic<int>, 16> busy{};
      std::atomic<bool> alone = true;
      w.for_each(n, [&](petra::index_t i, int worker) {
        if (busy[static_cast<std::size_t>(worker)].fetch_add(1) != 0) alone = false;
        ++times[static_cast<std::size_t>(i)];
        busy[static_cast<std::size_t>(worker)].fetch_sub(1);
      });
      CHECK(alone);
      for (auto const& t : times) CHECK(t == 1);
    }
  }
  CHECK(petra::search::tbb_executor(40).lend().count == 16);
}
