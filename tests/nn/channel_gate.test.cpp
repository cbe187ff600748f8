#include "petra/nn/channel_gate.hpp"

#include <doctest/doctest.h>

#include "filled.hpp"
#include "petra/nn/conv2d.hpp"
#include "petra/nn/loosen.hpp"
#include "petra/nn/residual.hpp"

using namespace petra::nn;
using petra::tensor;
using petra_test::value_of;

TEST_CASE("channel_gate: each channel times the gate of its mean, for pictures and series") {
  channel_gate by_mean{identity{}};
  tensor<float> x({1, 2, 1, 2}, {1, 10, 3, 30});
  tensor<float> const wanted({1, 2, 1, 2}, {2, 200, 6, 600});
  CHECK(value_of(by_mean, x) == wanted);
  x.reshape({1, 2, 2});
  CHECK(value_of(by_mean, x)[3] == 600);
}

TEST_CASE("channel_gate: padded steps have no part in the mean") {
  channel_gate by_mean{identity{}};
  petra::tape<float> t;
  std::int32_t const length = 1;
  tensor<float> const x({1, 2, 1}, {3, 100});
  petra::var const v = t.constant(x);
  t.set_length(v, &length);
  CHECK(*t.value(by_mean.forward(t, v)) == 9);
}

TEST_CASE("squeeze_excite: two dense layers; gradients; free widths give the same") {
  sequential model{conv2d<2, 8, window{.size = 1}>{}, squeeze_excite<8, 4>(), conv2d<8, 3, window{.size = 1}>{}};
  petra::random r(1);
  for (auto const& m : members_of(model))
    if (m.tensor != nullptr)
      for (float& v : *m.tensor) v = r.normal();
  auto& gate = get<1>(model.layers).gate;
  CHECK(get<0>(gate.layers).weight.a.w.shape() == petra::shape(2, 8));
  CHECK(petra_test::gradient_error_of(model, {2, 2, 3, 2}) < 1e-6);
  auto loose = loosen(model);
  auto const x = petra_test::noise({2, 2, 3, 2}, r);
  CHECK(value_of(loose, x) == value_of(model, x));
  static_assert(
      std::same_as<std::remove_cvref_t<decltype(get<0>(loose.layers))>, conv2d<2, petra::dyn, window{.size = 1}>>);
}

// Its output has the channels of its input: they are cut together.
static_assert([] {
  channel_plan p;
  int const g = p.fresh();
  using gate = decltype(squeeze_excite<8, 4>());
  int const out = gate::trace(p, g);
  return p.find(out) == p.find(g) && p.find(p.sites[1].out) == p.find(g) && p.find(p.sites[0].out) != p.find(g);
}());
