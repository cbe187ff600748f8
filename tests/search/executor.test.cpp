#include "petra/search/executor.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace {

using namespace petra::search;
using petra::index_t;

static_assert(executor<serial_executor>);
static_assert(!executor<int>);
constexpr auto may_throw = [](index_t) {};
constexpr auto safe = [](index_t) noexcept {};
static_assert(!task<decltype(may_throw)>, "a task that may throw must not reach a scheduler");
static_assert(task<decltype(safe)>);

TEST_CASE("executor: serial runs everything once, in order") {
  std::vector<index_t> ran;
  serial_executor{}.for_each(5, [&](index_t i) noexcept { ran.push_back(i); });
  CHECK(ran == std::vector<index_t>{0, 1, 2, 3, 4});
  serial_executor{}.for_each(0, [&](index_t i) noexcept { ran.push_back(i); });
  CHECK(ran.size() == 5);
  CHECK(serial_executor::threads() == 1);
}

}  // namespace
