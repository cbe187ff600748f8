#include "petra/nn/pool1d.hpp"

#include <doctest/doctest.h>

#include "filled.hpp"

using namespace petra::nn;
using petra::tensor;
using petra_test::value_of;

namespace {

tensor<float> const a_series({1, 5, 1}, {1, 4, 2, -8, 6});

}  // namespace

TEST_CASE("pools along steps: values by hand") {
  max_pool1d<> most;
  CHECK(value_of(most, a_series) == tensor<float>({1, 2, 1}, {4, 2}));
  max_pool1d<3, 1, same> padded;
  CHECK(value_of(padded, a_series) == tensor<float>({1, 5, 1}, {4, 4, 4, 6, 6}));
  max_pool1d<2, 2, same> even;  // ceil(5 / 2), the last window has one step
  CHECK(value_of(even, a_series) == tensor<float>({1, 3, 1}, {4, 2, 6}));
  avg_pool1d<2, 1> mean;
  CHECK(value_of(mean, a_series) == tensor<float>({1, 4, 1}, {2.5f, 3, -3, -1}));
  global_max_pool1d top;
  CHECK(value_of(top, a_series) == tensor<float>({1, 1}, {6}));
  global_avg_pool1d<> middle;
  CHECK(value_of(middle, a_series) == tensor<float>({1, 1}, {1}));
}

TEST_CASE("pools along steps: an average observes its input") {
  global_avg_pool1d<> mean;
  petra::tape<float> t;
  t.observing = true;
  mean.forward(t, t.constant(a_series));
  CHECK(mean.in.seen.lo == -8);
  CHECK(mean.in.seen.hi == 6);
}

static_assert(traceable<max_pool1d<>> && traceable<avg_pool1d<>> && traceable<global_max_pool1d>);
