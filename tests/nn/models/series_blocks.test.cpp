#include "petra/nn/models/series_blocks.hpp"

#include <doctest/doctest.h>

#include "../../thrown.hpp"
#include "../filled.hpp"
#include "petra/nn/activation.hpp"
#include "petra/nn/channel_gate.hpp"
#include "petra/nn/dropout.hpp"
#include "petra/nn/initialize.hpp"
#include "petra/nn/loss.hpp"
#include "petra/nn/slice.hpp"
#include "petra/nn/softmax.hpp"

using namespace petra::models;
using petra::tensor;

TEST_CASE("inception_block: four times the filters, any length, a bottleneck for more than one channel") {
  auto one = inception_block<1, 3>();
  CHECK(petra_test::value_of(one, tensor<float>({2, 7, 1})).shape() == petra::shape(2, 7, 12));
  auto many = inception_block<petra::dyn, 3>(5);
  CHECK(petra_test::value_of(many, tensor<float>({2, 1, 5})).shape() == petra::shape(2, 1, 12));
  auto const& scales = get<0>(get<0>(many.layers).layers);
  CHECK(get<0>(scales.layers).weight.a.w.shape() == petra::shape(3, 5));
  CHECK(get<0>(get<1>(scales.layers).layers).weight.a.w.shape() == petra::shape(3, 39 * 3));
}

TEST_CASE("conv1d_norm has no bias; a dyn extent takes its number") {
  CHECK(conv1d_norm<3, 4>().bias.empty());
  CHECK(conv1d_norm<petra::dyn, 4>(3).weight.a.w.shape() == petra::shape(4, 9));
  CHECK(petra_test::thrown<petra::setting_error>([] { conv1d_norm<petra::dyn, 4>(0); }) ==
        "models: expected at least one of channels, found 0");
}

TEST_CASE("layers of series: the same bits whoever computes the pieces, in whatever order") {
  using namespace petra::nn;
  auto model = petra::nn::initialize(
      sequential{inception_block<2, 4>(), gelu{}, dropout{0.3f},
                 branch{max_pool1d<3, 1, same>{}, avg_pool1d<3, 1, same>{}}, squeeze_excite<32, 4>(),
                 step_range<1, 90>{}, hard_swish{}, softmax{}, flatten{}},
      1);
  petra::random r(1);
  auto const x = petra_test::noise({40, 95, 2}, r);
  std::vector<std::int32_t> length(40);
  for (auto& l : length) l = static_cast<std::int32_t>(r.index(96));
  auto backwards = [](void const*, petra::index_t n, void const* task, petra::workers::piece_function f) {
    for (petra::index_t i = n - 1; i >= 0; --i) f(task, i, static_cast<int>(i % 3));
  };
  std::vector<float> numbers[2];
  for (bool const shared : {false, true}) {
    auto copy = model;
    petra::tape<float> t;
    if (shared) t.workers = {3, nullptr, backwards};
    petra::var const v = t.variable(x.shape(), x.data());
    t.set_length(v, length.data());
    petra::var const y = copy.forward(t, v);
    auto& out = numbers[shared];
    out.assign(t.value(y), t.value(y) + t.shape(y).count());
    std::vector<std::int32_t> const labels(40, 7);
    t.backward(petra::loss::cross_entropy{}(t, y, labels.data()));
    out.insert(out.end(), t[v].grad, t[v].grad + x.size());
    for (auto const& n : t.nodes())
      if (n.parameter != nullptr) out.insert(out.end(), n.grad, n.grad + n.parameter->size());
  }
  CHECK(numbers[0] == numbers[1]);
}

TEST_CASE("inception_block: gradients, with and without padding") {
  auto block = petra::nn::initialize(inception_block<2, 2>(), 3);
  for (bool const padded : {false, true}) {
    double const worst = petra::gradient_error([&](petra::tape<double>& t) {
      petra::random r(11);
      petra::var const x = petra::ops::draw(t, r, {3, 5, 2});
      if (padded) t.set_length(x, petra::ops::example_lengths(t, 3, 5));
      return petra::ops::mean_of_steps(t, block.forward(t, x));
    });
    CHECK(worst < 1e-6);
  }
}
