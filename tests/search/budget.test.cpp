#include "petra/search/budget.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <limits>
#include <thread>

namespace {

using namespace petra::search;

TEST_CASE("budget: settings are checked") {
  CHECK_NOTHROW(check(budget{.evaluations = 1, .seconds = {}}));
  CHECK_NOTHROW(check(budget{.evaluations = {}, .seconds = 0.5}));
  CHECK_THROWS_AS(check(budget{}), petra::setting_error);
  CHECK_THROWS_WITH_AS(check(budget{.evaluations = 0, .seconds = {}}),
                       "budget: evaluations must be at least 1, found 0", petra::setting_error);
  for (double const bad :
       {0.0, -1.0, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()})
    CHECK_THROWS_AS(check(budget{.evaluations = 5, .seconds = bad}), petra::setting_error);
}

TEST_CASE("budget: the end of a budget can be lifted, an interrupt cannot") {
  stop_flag stop;
  CHECK_FALSE(stop.raised());
  stop.end_budget();
  CHECK(stop.raised());
  CHECK(stop.raised_atomic().load());
  CHECK_FALSE(stop.interrupted());
  stop.lift_budget();
  CHECK_FALSE(stop.raised());
  stop.interrupt();
  stop.end_budget();
  stop.lift_budget();
  CHECK(stop.raised());
  CHECK(stop.interrupted());
}

TEST_CASE("budget: an interrupt that meets lift_budget on another thread is never lost") {
  for (int i = 0; i < 200; ++i) {
    stop_flag stop;
    std::thread user([&] { stop.interrupt(); });
    stop.end_budget();
    stop.lift_budget();
    user.join();
    CHECK(stop.raised());
  }
}

TEST_CASE("budget: a deadline raises the flag, and lifts it when it goes") {
  stop_flag stop;
  {
    deadline const end(stop, 0.01);
    while (!stop.raised()) std::this_thread::yield();
  }
  CHECK_FALSE(stop.raised());
}

TEST_CASE("budget: a deadline that is not reached ends at once and leaves the flag alone") {
  stop_flag stop;
  { deadline const end(stop, 1e300); }
  { deadline const end(stop, std::nullopt); }
  CHECK_FALSE(stop.raised());
  stop.interrupt();
  { deadline const end(stop, 1e6); }
  CHECK(stop.raised());
}

TEST_CASE("budget: without seconds a deadline does not lift what somebody else ended") {
  stop_flag stop;
  stop.end_budget();
  { deadline const end(stop, std::nullopt); }
  CHECK(stop.raised());
}

TEST_CASE("budget: the first Ctrl-C raises the flag, afterwards the handler before is back") {
  static volatile std::sig_atomic_t outer = 0;
  auto* const original = std::signal(SIGINT, [](int) { outer = 1; });
  {
    stop_flag stop;
    interrupt_guard const guard(stop);
    std::raise(SIGINT);
    CHECK(stop.interrupted());
    CHECK(stop.raised());
  }
  CHECK(outer == 0);
  std::raise(SIGINT);
  CHECK(outer == 1);
  std::signal(SIGINT, original);
}

TEST_CASE("budget: the second Ctrl-C ends the process with 130") {
  ::pid_t const child = ::fork();
  if (child == 0) {
    stop_flag stop;
    interrupt_guard const guard(stop);
    std::raise(SIGINT);
    std::raise(SIGINT);
    std::_Exit(0);
  }
  REQUIRE(child > 0);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 130);
}

}  // namespace
