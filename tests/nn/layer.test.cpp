#include "petra/nn/layer.hpp"

#include <doctest/doctest.h>

#include <typeinfo>

#include "filled.hpp"
#include "petra/nn/batch_norm.hpp"
#include "petra/nn/conv2d.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/pool.hpp"
#include "petra/nn/relu.hpp"
#include "petra/nn/residual.hpp"
#include "petra/nn/sequential.hpp"

using namespace petra::nn;
using petra::index_t;
using petra::tensor;
using petra_test::gradient_error_of;

namespace {

template <class Layer>
void check(Layer layer, index_t rows, index_t cols, petra::shape input) {
  petra::random r(3);
  petra_test::fill(layer.weight, rows, cols, 2, r);
  layer.bias = petra_test::noise({1, rows}, r);
  CAPTURE(typeid(Layer).name());
  CHECK(gradient_error_of(layer, input) < 1e-6);
  layer.bias = {};
  CHECK(gradient_error_of(layer, input) < 1e-6);
}

// Every layer with a weight on one structure with one set of slots.
template <class Weight>
void check_layers() {
  check(dense<5, 4, Weight>{}, 4, 5, {3, 5});
  check(conv2d<3, 4, window{}, Weight>{}, 4, 27, {2, 4, 3, 3});
  check(conv2d<2, 3, window{.size = 2, .stride = 2, .pad = 0}, Weight>{}, 3, 8, {2, 5, 4, 2});
}
template <class Leaf>
void check_grouped() {
  check(conv2d<4, 6, window{.groups = 2}, full<Leaf>>{}, 6, 18, {2, 3, 3, 4});
  check(conv2d<3, 3, window{.stride = 2, .groups = per_channel}, full<Leaf>>{}, 3, 9, {2, 4, 4, 3});
}

using masked = leaf<mask>;

}  // namespace

TEST_CASE("layers x structures x slots: gradients against central differences") {
  check_layers<full<leaf<>>>();
  check_layers<full<masked>>();
  check_layers<low_rank<leaf<>>>();
  check_layers<low_rank<masked>>();
  check_grouped<leaf<>>();
  check_grouped<masked>();
}

TEST_CASE("layers x structures x slots: the choices of a search differentiate like what they hold") {
  using slot = one_of<no_mask, mask>;
  petra::random r(5);
  conv2d<2, 4, window{}, one_of<full<leaf<slot>>, low_rank<leaf<slot>>>> c;
  low_rank<leaf<slot>> w;
  w.v.w = petra_test::noise({2, 18}, r);
  w.u.w = petra_test::noise({4, 2}, r);
  mask m;
  petra_test::fill(m, {2, 18}, r);
  w.v.mask_slot = m;
  c.weight = w;
  CHECK(gradient_error_of(c, {2, 3, 4, 2}) < 1e-6);
}

TEST_CASE("layers without a weight: gradients against central differences") {
  petra::random r(7);
  batch_norm<3> norm;
  norm.gamma = petra_test::noise({1, 3}, r);
  norm.beta = petra_test::noise({1, 3}, r);
  CHECK(gradient_error_of(norm, {2, 3, 2, 3}) < 1e-6);
  relu rectify;
  CHECK(gradient_error_of(rectify, {3, 7}, 0.01) < 1e-6);
  max_pool<2> largest;
  CHECK(gradient_error_of(largest, {2, 4, 4, 2}) < 1e-6);
  avg_pool<3, 2, 1> mean;
  CHECK(gradient_error_of(mean, {2, 5, 4, 2}) < 1e-6);
}

TEST_CASE("a network of all of them") {
  auto net = sequential{conv2d<2, 4>{}, batch_norm<4>{}, residual{sequential{conv2d<4, 4>{}, batch_norm<4>{}}},
                        residual{conv2d<4, 6, window{.stride = 2}>{}, conv2d<4, 6, window{.size = 1, .stride = 2}>{}}};
  petra::random r(9);
  for_each_member(net, [&]<class M>(std::string const& path, M& m) {
    if constexpr (std::same_as<M, tensor<float>>)
      if (path.find("var") == path.npos)
        for (float& x : m) x += 0.5f * r.normal();
  });
  CHECK(gradient_error_of(net, {2, 4, 4, 2}) < 1e-6);
}

TEST_CASE("a frozen leaf is used and not trained") {
  dense<3, 2, low_rank<>> layer;
  petra::random r(1);
  petra_test::fill(layer.weight, 2, 3, 1, r);
  layer.weight.v.frozen = true;
  petra::tape<float> t;
  tensor<float> const x({4, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3});
  layer.forward(t, t.constant(x));
  int trainable = 0;
  for (auto const& n : t.nodes()) {
    CHECK(n.parameter != &layer.weight.v.w);
    trainable += n.parameter != nullptr;
  }
  CHECK(trainable == 2);  // u and the bias
}

TEST_CASE("for_each_layer: depth first, in the order of execution, with paths") {
  auto net = sequential{conv2d<1, 2>{}, residual{sequential{relu{}, conv2d<2, 2>{}}}, dense<2, 3>{}};
  std::string paths;
  int weights = 0;
  for_each_layer(net, [&]<class L>(L&, std::string const& path) {
    paths += path + " ";
    weights += weighted<L>;
  });
  CHECK(paths == "0 1.body.0 1.body.1 1.shortcut 2 ");
  CHECK(weights == 3);
}

TEST_CASE("for_each_member: every tensor and number, each once, under its path") {
  auto net = sequential{dense<2, 3>{}, batch_norm<3>{}, residual{conv2d<3, 3, window{.size = 1}>{}}};
  std::string paths;
  index_t numbers = 0;
  for_each_member(net, [&]<class M>(std::string const& path, M& m) {
    paths += path + " ";
    if constexpr (std::same_as<M, tensor<float>>)
      numbers += m.size();
    else
      ++numbers;
  });
  CHECK(paths ==
        "0.weight.a.w 0.weight.a.seen.lo 0.weight.a.seen.hi 0.weight.a.frozen 0.bias "
        "1.gamma 1.beta 1.mean.running 1.var.running 1.folded "
        "2.body.weight.a.w 2.body.weight.a.seen.lo 2.body.weight.a.seen.hi 2.body.weight.a.frozen 2.body.bias "
        "2.body_out.seen.lo 2.body_out.seen.hi 2.shortcut_out.seen.lo 2.shortcut_out.seen.hi ");
  CHECK(numbers == 6 + 3 + 3 + 4 * 3 + 1 + 9 + 3 + 3 + 4);

  std::string listed;
  for (auto const& m : members_of(net)) {
    listed += m.path + " ";
    CHECK((m.tensor == nullptr) == (m.number != nullptr));
    if (m.path == "0.bias") CHECK(m.tensor == &get<0>(net.layers).bias);
    if (m.path == "0.weight.a.seen.hi") m.write(m.number, 2.5f);
    if (m.path == "1.folded") m.write(m.number, 1);
  }
  CHECK(listed == paths);
  CHECK(get<0>(net.layers).weight.a.seen.hi == 2.5f);
  CHECK(get<1>(net.layers).folded);
  for (auto const& m : members_of(net))
    if (m.path == "0.weight.a.seen.hi") CHECK(m.read(m.number) == 2.5f);
}

TEST_CASE("new_weight: static extents give zeros, dyn ones nothing yet") {
  CHECK(new_weight<full<>>(2, 3).a.w.shape() == petra::shape(2, 3));
  CHECK(new_weight<full<>>(petra::dyn, 3).a.w.empty());
  CHECK(new_weight<full<>>(2, petra::dyn).a.w.empty());
  CHECK(new_bias(4).shape() == petra::shape(1, 4));
  CHECK(new_bias(petra::dyn).empty());
}

static_assert(layer<sequential<relu>> && combinator<sequential<relu>> && !combinator<relu>);
static_assert(weighted<dense<2, 3>> && !weighted<batch_norm<2>> && per_channel_state<batch_norm<2>> &&
              !per_channel_state<relu>);
