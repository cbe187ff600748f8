#include "petra/nn/fold.hpp"

#include <doctest/doctest.h>

#include <string>

#include "filled.hpp"
#include "petra/nn/conv2d.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/models/inception_time.hpp"
#include "petra/nn/models/resnet1d.hpp"
#include "petra/nn/models/resnet8.hpp"

using namespace petra::nn;
using petra::index_t;
using petra::tensor;
using petra_test::value_of;

namespace {

// Norms as after a training: nothing is 0 or 1.
template <class Model>
void trained_norms(Model& m, std::uint64_t seed) {
  petra::random r(seed);
  for_each_layer(m, [&]<class L>(L& l, std::string const&) {
    if constexpr (per_channel_state<L>)
      for (index_t c = 0; c < l.gamma.size(); ++c) {
        l.gamma[c] = r.uniform(-1.5f, 1.5f);
        l.beta[c] = r.normal();
        l.mean.value[c] = 0.5f * r.normal();
        l.var.value[c] = r.uniform(0.2f, 3);
      }
  });
}

template <class Model>
index_t left_over(Model& m, std::string& paths) {
  index_t left = 0;
  fold_batch_norms(m, [&](std::string const& path) { ++left, paths += path + " "; });
  return left;
}

// Outputs before and after, and what could not be folded.
template <class Model>
void check_fold(Model model, petra::shape input) {
  trained_norms(model, 3);
  petra::random r(4);
  auto const x = petra_test::noise(input, r);
  auto const before = value_of(model, x);
  std::string paths;
  CHECK(left_over(model, paths) == 0);
  CHECK(petra_test::difference(before, value_of(model, x)) < 1e-4);
  // In training, too: a folded norm has no batch statistics any more.
  CHECK(petra_test::difference(before, value_of(model, x, true)) < 1e-4);
  for_each_layer(model, [&]<class L>(L& l, std::string const&) {
    if constexpr (per_channel_state<L>) CHECK(l.folded);
  });
}

}  // namespace

TEST_CASE("fold: by hand") {
  sequential net{dense<1, 2>{}, batch_norm<2>{}};
  auto& [layer, norm] = net.layers;
  layer.weight.a.w = tensor<float>({2, 1}, {1, 10});
  layer.bias = tensor<float>({1, 2}, {3, 4});
  norm.gamma = tensor<float>({1, 2}, {2, 5});
  norm.beta = tensor<float>({1, 2}, {7, 8});
  norm.mean.value = tensor<float>({1, 2}, {1, 2});
  norm.var.value = tensor<float>({1, 2}, {4, 25});
  norm.eps = 0;        // scales 1 and 1, shifts 6 and 6
  norm.gamma[1] = 10;  // scale 2, shift 8 - 2 * 2
  std::string paths;
  CHECK(left_over(net, paths) == 0);
  CHECK(layer.weight.a.w == tensor<float>({2, 1}, {1, 20}));
  CHECK(layer.bias == tensor<float>({1, 2}, {3 + 6, 8 + 4}));
}

TEST_CASE("fold: outputs stay, for convolutions with and without bias, grouped and low-rank, in residuals") {
  petra::random r(8);
  auto without = conv2d<4, 4>{};
  without.bias = {};
  check_fold(petra::nn::initialize(sequential{conv2d<2, 4>{}, batch_norm<4>{}, relu{}, without, batch_norm<4>{},
                                              conv2d<4, 4, window{.groups = per_channel}>{}, batch_norm<4>{}},
                                   1),
             {2, 5, 5, 2});
  conv2d<2, 4, window{}, low_rank<>> factored;
  petra_test::fill(factored.weight, 4, 18, 2, r);
  check_fold(sequential{factored, batch_norm<4>{}, relu{}}, {2, 5, 5, 2});
  check_fold(petra::models::resnet8<3, 10, 8>(1), {2, 16, 16, 3});
}

TEST_CASE("fold: twice is once") {
  sequential net{dense<3, 4>{}, batch_norm<4>{}};
  petra::random r(1);
  petra_test::fill(get<0>(net.layers).weight, 4, 3, 0, r);
  trained_norms(net, 2);
  std::string paths;
  left_over(net, paths);
  auto const once = get<0>(net.layers).weight.a.w;
  CHECK(left_over(net, paths) == 0);
  CHECK(get<0>(net.layers).weight.a.w == once);
}

TEST_CASE("fold: masked weights stay masked") {
  dense<3, 2, full<leaf<mask>>> layer;
  layer.weight.a.w = tensor<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  layer.weight.a.mask_slot.keep = tensor<float>({2, 3}, {1, 0, 1, 0, 1, 1});
  check_fold(sequential{layer, batch_norm<2>{}}, {3, 3});
}

TEST_CASE("fold: norms that follow no weight are named and left alone") {
  auto net =
      sequential{batch_norm<2>{}, residual{sequential{relu{}, batch_norm<2>{}, conv2d<2, 2>{}, batch_norm<2>{}}}};
  std::string paths;
  CHECK(left_over(net, paths) == 2);
  CHECK(paths == "0 1.body.1 ");
  CHECK_FALSE(get<0>(net.layers).folded);
  CHECK(get<3>(get<1>(net.layers).body.layers).folded);
}

TEST_CASE("fold: into the ends of branches, in the order of their channels") {
  check_fold(petra::models::inception_time<2, 3, 2>(1), {2, 9, 2});
  check_fold(petra::models::resnet1d<2, 3, 4>(1), {2, 9, 2});
  // A branch that ends in no weight keeps the norm after it.
  sequential net{branch{dense<2, 2>{}, relu{}}, batch_norm<4>{}};
  std::string paths;
  CHECK(left_over(net, paths) == 1);
  CHECK(paths == "1 ");
}
