#include "petra/nn/pool.hpp"

#include <doctest/doctest.h>

#include "../thrown.hpp"
#include "filled.hpp"

using namespace petra::nn;
using petra::index_t;
using petra::tensor;
using petra_test::value_of;

namespace {

tensor<float> counting() {
  tensor<float> x({1, 4, 4, 1});
  for (index_t i = 0; i < 16; ++i) x[i] = static_cast<float>(i + 1);
  return x;
}

}  // namespace

TEST_CASE("max_pool and avg_pool: values by hand") {
  max_pool<> largest;
  CHECK(value_of(largest, counting()) == tensor<float>({1, 2, 2, 1}, {6, 8, 14, 16}));
  max_pool<3, 1> overlapping;
  CHECK(value_of(overlapping, counting()) == tensor<float>({1, 2, 2, 1}, {11, 12, 15, 16}));
  avg_pool<> mean;
  CHECK(value_of(mean, counting()) == tensor<float>({1, 2, 2, 1}, {3.5f, 5.5f, 11.5f, 13.5f}));
  avg_pool<2, 2, 1> padded;  // the corners have one pixel inside
  CHECK(value_of(padded, counting())[0] == 1);
  CHECK(value_of(padded, counting()).shape() == petra::shape(1, 3, 3, 1));
}

TEST_CASE("global_avg_pool: one pixel, whatever the size of the map") {
  global_avg_pool<> mean;
  CHECK(value_of(mean, counting()) == tensor<float>({1, 1, 1, 1}, {8.5f}));
  CHECK(value_of(mean, tensor<float>({2, 3, 5, 7})).shape() == petra::shape(2, 1, 1, 7));
}

TEST_CASE("pools: a map that is too small is an error") {
  max_pool<5> large;
  CHECK(petra_test::says(petra_test::thrown<petra::shape_error>([&] { value_of(large, counting()); }),
                         "max_pool: expected (N,H,W,C) of at least 5 pixels a side"));
}

TEST_CASE("avg_pool: its point observes the input") {
  avg_pool<> mean;
  petra::tape<float> t;
  t.observing = true;
  mean.forward(t, t.constant(counting()));
  CHECK(mean.in.seen.lo == 0);
  CHECK(mean.in.seen.hi == 16);
}
