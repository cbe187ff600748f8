#include "petra/deploy/kernel_call.hpp"

#include <doctest/doctest.h>

#include "petra/deploy/cost_key.hpp"

using namespace petra::deploy;

TEST_CASE("kernel call: what runs a step says nothing of which call it is") {
  cost_key k{kernel_kind::conv1d_f32, {1, 20, 5}, {1, 20, 5}, 1, 3, 1, 2};
  cost_key same = k;
  same.runner.call = [](step const&, float const*, float*, std::byte*) noexcept {};
  CHECK(k == same);
  CHECK(!(k < same));
  same.dilation = 2;
  CHECK(k < same);
  CHECK((same.family().runner.call == same.runner.call));
}
