#include "petra/deploy/ops/conv1d.hpp"

#include <doctest/doctest.h>

#include "../alike.hpp"
#include "petra/nn/batch_norm.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/flatten.hpp"
#include "petra/nn/mask_zeros.hpp"
#include "petra/nn/relu.hpp"
#include "petra/nn/residual.hpp"
#include "petra/nn/sequential.hpp"

using petra::index_t;
using petra::deploy::to_graph;
namespace nn = petra::nn;
using nn::causal;
using nn::conv1d;
using nn::low_rank;
using nn::window;

namespace {

petra::tensor<float> series_of(index_t steps, index_t channels) {
  petra::random r(7);
  return petra_test::noise({4, steps, channels}, r);
}

// Sequences of different lengths: zeros behind.
petra::tensor<float> padded_series(index_t steps, index_t channels) {
  auto x = series_of(steps, channels);
  for (index_t i = 1; i < 4; ++i) std::fill_n(x.data() + (i * steps + steps - 3 * i) * channels, 3 * i * channels, 0.f);
  return x;
}

// Numbers of the trainable model, in float and in integers.
template <class Layer>
void check_layer(Layer layer, index_t channels, bool int8 = false) {
  constexpr index_t out = Layer::out;
  auto m = nn::sequential{std::move(layer), nn::relu{}, nn::global_avg_pool1d<>{}, nn::dense<out, 3>{}};
  if (get<0>(m.layers).bias.empty()) FAIL("expected a bias");
  alike::randomize(m);
  auto const x = series_of(90, channels);
  alike::check_float(m, x);
  if (int8) alike::check_int8(m, x);
}

}  // namespace

TEST_CASE("conv1d lowers to the numbers it trains with") {
  check_layer(conv1d<3, 5, window{.size = 1}>{}, 3);
  check_layer(conv1d<3, 5, window{.size = 8}>{}, 3, true);
  check_layer(conv1d<3, 5, window{.size = 8, .stride = 2, .pad = causal}>{}, 3);
  check_layer(conv1d<3, 5, window{.size = 40, .pad = 0}>{}, 3);
  check_layer(conv1d<3, 5, window{.size = 3, .pad = causal, .dilation = 4}>{}, 3, true);
  check_layer(conv1d<3, 5, window{.size = 40, .stride = 2, .dilation = 2}>{}, 3);
  check_layer(conv1d<4, 6, window{.size = 8, .groups = 2}>{}, 4);
  check_layer(conv1d<4, 6, window{.size = 5, .groups = 2, .dilation = 3}>{}, 4, true);
  check_layer(conv1d<8, 8, window{.size = 3, .pad = causal, .groups = nn::per_channel, .dilation = 4}>{}, 8, true);
  check_layer(conv1d<1, 1, window{.size = 3, .groups = nn::per_channel, .dilation = 2}>{}, 1, true);
  check_layer(conv1d<4, 4, window{.size = 9, .stride = 2, .groups = nn::per_channel}>{}, 4, true);
}

TEST_CASE("conv1d in two factors, and with a mask") {
  petra::random r(3);
  auto const x = series_of(40, 4);
  auto check = [&]<class Weight>(Weight) {
    nn::sequential m{conv1d<4, 12, window{.size = 5}, Weight>{}, nn::relu{},
                     conv1d<12, 6, window{.size = 3, .dilation = 2}, Weight>{}, nn::global_max_pool1d{},
                     nn::dense<6, 3>{}};
    petra_test::fill(get<0>(m.layers).weight, 12, 20, 2, r);
    petra_test::fill(get<2>(m.layers).weight, 6, 36, 2, r);
    alike::check_float(m, x);
    alike::check_int8(m, x, 0.1);
  };
  check(low_rank<>{});
  check(nn::full<nn::leaf<nn::mask>>{});
}

TEST_CASE("pool1d lowers to the numbers it trains with") {
  auto const x = series_of(21, 5);
  auto check = [&](auto pool) {
    auto m = nn::sequential{conv1d<5, 6>{}, pool, conv1d<6, 4, window{.size = 2}>{}, nn::global_max_pool1d{},
                            nn::dense<4, 3>{}};
    alike::randomize(m);
    alike::check_float(m, x);
    alike::check_int8(m, x);
  };
  check(nn::max_pool1d<>{});
  check(nn::max_pool1d<3, 1, nn::same>{});
  check(nn::avg_pool1d<4, 2, nn::same>{});
}

TEST_CASE("a series of the wrong kind") {
  CHECK_THROWS_WITH_AS((void)to_graph(nn::sequential{conv1d<3, 5>{}}, {4, 9, 3}),
                       doctest::Contains("0: expected a series (L,C), found a map of 4x9x3"), petra::shape_error);
  CHECK_THROWS_WITH_AS((void)to_graph(nn::sequential{conv1d<3, 5>{}}, {9, 4}),
                       doctest::Contains("0: expected 3 channels, found 4"), petra::shape_error);
  CHECK_THROWS_WITH_AS((void)to_graph(nn::sequential{conv1d<3, 5, window{.size = 4, .pad = 0}>{}}, {3, 3}),
                       doctest::Contains("expected a map of at least 4 pixels a side, found 3"), petra::shape_error);
}

TEST_CASE("a dense layer of a series: of each step, or of all") {
  auto const x = series_of(7, 5);
  auto m = nn::sequential{nn::dense<5, 8>{}, nn::relu{}, conv1d<8, 3>{}, nn::flatten{}, nn::dense<21, 4>{}};
  alike::randomize(m);
  alike::check_float(m, x);
  alike::check_int8(m, x, 0.1);
}

TEST_CASE("series with padded steps: windows see zeros, maxima do not see them, lengths follow") {
  auto const x = padded_series(23, 3);
  auto check = [&](auto... layers) {
    auto m = nn::sequential{nn::mask_zeros{}, layers..., nn::dense<4, 3>{}};
    alike::randomize(m);
    alike::check_float(m, x);
    alike::check_int8(m, x, 0.1);
  };
  check(conv1d<3, 4, window{.size = 5}>{}, nn::relu{}, conv1d<4, 4, window{.size = 3, .pad = causal, .dilation = 2}>{},
        nn::global_max_pool1d{});
  check(conv1d<3, 4, window{.size = 1}>{}, conv1d<4, 4, window{.size = 4, .stride = 2}>{}, nn::global_avg_pool1d<>{});
  check(conv1d<3, 4, window{.size = 4, .pad = 0}>{}, nn::max_pool1d<3, 1, nn::same>{}, conv1d<4, 4>{},
        nn::global_max_pool1d{});
  check(conv1d<3, 4, window{.size = 4, .pad = 3}>{}, nn::max_pool1d<3, 2>{}, nn::global_avg_pool1d<>{});
  check(conv1d<3, 4, window{.size = 4, .pad = 3}>{}, nn::avg_pool1d<3, 2, 1>{}, conv1d<4, 4>{},
        nn::global_max_pool1d{});
  check(nn::dense<3, 5>{}, nn::avg_pool1d<4, 1, nn::same>{}, nn::flatten{}, nn::dense<23 * 5, 4>{});
}

TEST_CASE("headers of series compile alone") {
  auto m = nn::sequential{conv1d<2, 6, window{.size = 8}>{},
                          nn::batch_norm<6>{},
                          nn::relu{},
                          nn::residual{nn::sequential{conv1d<6, 6, window{.dilation = 3}>{}, nn::relu{}}},
                          nn::max_pool1d<2, 2>{},
                          conv1d<6, 6, window{.size = 9, .pad = causal, .groups = nn::per_channel}>{},
                          conv1d<6, 6, window{.size = 3, .groups = nn::per_channel, .dilation = 2}>{},
                          conv1d<6, 6, window{.size = 4, .groups = 2, .dilation = 3}>{},
                          nn::global_avg_pool1d<>{},
                          nn::dense<6, 3>{}};
  alike::randomize(m);
  auto const x = series_of(50, 2);
  alike::check_header(alike::check_float(m, x), x, "series_f32");
  alike::check_header(alike::check_int8(m, x, 0.1), x, "series_s8");
  auto padded = nn::sequential{nn::mask_zeros{}, conv1d<2, 6, window{.size = 4, .stride = 2}>{},
                               nn::max_pool1d<3, 1, nn::same>{}, nn::global_avg_pool1d<>{}, nn::dense<6, 3>{}};
  alike::randomize(padded);
  auto const y = padded_series(50, 2);
  alike::check_header(alike::check_float(padded, y), y, "padded_series_f32");
  alike::check_header(alike::check_int8(padded, y, 0.1), y, "padded_series_s8");
}
