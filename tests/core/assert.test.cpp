#include "petra/core/assert.hpp"

#include <doctest/doctest.h>

#include <string>

namespace {

struct violation {
  std::string what;
  unsigned line;
};

[[noreturn]] void throw_violation(char const* what, std::source_location where) { throw violation{what, where.line()}; }

// Replaces the handler for one scope.
struct observe_violations {
  petra::violation_handler before = petra::on_violation;
  observe_violations() { petra::on_violation = &throw_violation; }
  ~observe_violations() { petra::on_violation = before; }
};

constexpr int half(int n) {
  petra::expects(n % 2 == 0, "half: n must be even");
  return n / 2;
}
static_assert(half(6) == 3);

}  // namespace

TEST_CASE("expects: a condition that holds costs nothing and says nothing") {
  observe_violations const scope;
  CHECK_NOTHROW(petra::expects(true, "never"));
  CHECK(half(6) == 3);
}

TEST_CASE("expects: a violation reaches the handler with its sentence and place") {
  observe_violations const scope;
  unsigned const line = __LINE__ + 2;
  try {
    petra::expects(1 > 2, "one is smaller");
    FAIL("no violation");
  } catch (violation const& v) {
    CHECK(v.what == "one is smaller");
    CHECK(v.line == line);
  }
  CHECK_THROWS_AS(half(3), violation);
}

TEST_CASE("expects: the default handler aborts") { CHECK((petra::on_violation == &petra::abort_on_violation)); }
