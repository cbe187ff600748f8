#include "petra/core/concepts.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace {

template <class... T>
struct box {};

static_assert(petra::scalar<float> && petra::scalar<double>);
static_assert(!petra::scalar<int> && !petra::scalar<long double> && !petra::scalar<float const> &&
              !petra::scalar<float&>);

static_assert(petra::instance_of<box<int>, box>);
static_assert(petra::instance_of<box<>, box>);
static_assert(petra::instance_of<box<int, char> const&, box>);  // as deduced by a forwarding reference
static_assert(!petra::instance_of<std::vector<int>, box>);
static_assert(!petra::instance_of<box<int>*, box>);
static_assert(!petra::instance_of<int, box>);

constexpr int kind(petra::instance_of<box> auto const&) { return 1; }
constexpr int kind(auto const&) { return 0; }

}  // namespace

TEST_CASE("concepts: a constrained overload is preferred") {
  CHECK(kind(box<char>{}) == 1);
  CHECK(kind(3) == 0);
}
