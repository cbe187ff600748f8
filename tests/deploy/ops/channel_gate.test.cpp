#include "petra/deploy/ops/channel_gate.hpp"

#include <doctest/doctest.h>

#include "../alike.hpp"
#include "petra/deploy/ops/conv1d.hpp"
#include "petra/nn/conv2d.hpp"
#include "petra/nn/flatten.hpp"
#include "petra/nn/pool.hpp"

namespace {

using namespace petra::nn;
using petra::tensor;

tensor<float> gated_noise(petra::shape s) {
  petra::random r(7);
  return petra_test::noise(s, r);
}

}  // namespace

TEST_CASE("lowered channel gate: pictures, with frames on both sides") {
  auto m = sequential{conv2d<2, 8>{}, channel_gate{sequential{dense<8, 3>{}, relu{}, dense<3, 8>{}, sigmoid{}}},
                      conv2d<8, 4>{}, global_avg_pool<>{},
                      flatten{},      dense<4, 3>{}};
  alike::randomize(m);
  auto const x = gated_noise({5, 6, 5, 2});
  alike::check_header(alike::check_float(m, x), x, "gate_f32");
  auto const p = alike::check_int8(m, x, 0.1);
  CHECK(p.is_bit_exact());
  alike::check_header(p, x, "gate_s8");
}

TEST_CASE("lowered channel gate: series, also padded ones, whose padding has no part in the mean") {
  auto x = gated_noise({5, 14, 3});
  auto m = sequential{conv1d<3, 4>{}, squeeze_excite<4, 2>(), conv1d<4, 4>{}, global_max_pool1d{}, dense<4, 3>{}};
  alike::randomize(m);
  alike::check_float(m, x);
  alike::check_int8(m, x, 0.1);
  std::fill_n(x.data() + 8 * 3, 6 * 3, 0.f);
  auto padded = sequential{mask_zeros{},   conv1d<3, 4>{},      squeeze_excite<4, 2>(),
                           conv1d<4, 4>{}, global_max_pool1d{}, dense<4, 3>{}};
  alike::randomize(padded);
  alike::check_float(padded, x);
  alike::check_int8(padded, x, 0.1);
}

TEST_CASE("lowered channel gate: a gate of other channels is an error with the place") {
  auto const m = sequential{channel_gate{sequential{dense<4, 3>{}, sigmoid{}}}};
  CHECK_THROWS_WITH_AS((void)petra::deploy::to_graph(m, {5, 5, 4}),
                       doctest::Contains("0: expected a factor for each of 4 channels, found 3"), petra::shape_error);
}
