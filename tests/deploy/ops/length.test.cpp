#include "petra/deploy/ops/length.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "petra/deploy/execute.hpp"
#include "petra/deploy/lower.hpp"
#include "petra/deploy/reference.hpp"

namespace {

// A model whose output is the length of its input.
struct length_alone {
  template <class Builder>
  auto lower(Builder& b, typename Builder::value x) const {
    b.find_length(x);
    return b.length(x);
  }
};

float length_of(std::vector<float> const& x, petra::shape s) {
  auto const p = petra::deploy::lower(length_alone{}, s);
  petra::deploy::session one(p);
  float found = -1;
  one.run(x.data(), &found);
  CHECK(p.is_bit_exact());
  CHECK(petra::deploy::run_reference(petra::deploy::finish(petra::deploy::to_graph(length_alone{}, s)), x.data()) ==
        std::vector<float>{found});
  return found;
}

}  // namespace

TEST_CASE("length: steps up to the last that is not all zeros") {
  CHECK(length_of({1, 0, 0, 2, 0, 0}, {3, 2}) == 2);
  CHECK(length_of({0, 0, 0, 0, 0, 1e-30f}, {3, 2}) == 3);
  CHECK(length_of({0, 0, 0, -0.f, 0, 0}, {3, 2}) == 0);
  CHECK(length_of({std::numeric_limits<float>::quiet_NaN(), 0, 0}, {3, 1}) == 1);
  CHECK(length_of({4}, {1, 1}) == 1);
}

TEST_CASE("length: a sequence has one length, found once; lower is told that inputs are padded") {
  petra::deploy::builder b({1, 3, 2});
  b.find_length(0);
  auto const first = b.length(0);
  b.find_length(0);
  CHECK(b.length(0) == first);
  CHECK(petra::deploy::to_graph(length_alone{}, {3, 2}, true).size() == 2);
  CHECK_THROWS_AS(petra::deploy::to_graph(length_alone{}, {3, 2, 1}, true), petra::setting_error);
}
