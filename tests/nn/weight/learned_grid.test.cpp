#include "petra/nn/weight/learned_grid.hpp"

#include <doctest/doctest.h>

#include "petra/nn/conv2d.hpp"
#include "petra/grad/ops/reshape.hpp"
#include "petra/nn/residual.hpp"
#include "petra/nn/update.hpp"

using petra::index_t;
using petra::tensor;
using petra::var;
using petra::nn::affine_grid;
using petra::nn::learned_grid;

TEST_CASE("learned_grid: begins as the affine grid it is made of") {
  affine_grid<8> const calibrated{tensor<float>({1, 2}, {1, 0.5f}), 0.25f, -100};
  learned_grid<8> g(calibrated);
  auto fixed = calibrated;
  tensor<float> const w({2, 3}, {1.4f, -1.6f, 500, 1.4f, -0.3f, -500});
  petra::tape<float> t;
  var const a = g.weight(t, t.constant(w)), b = fixed.weight(t, t.constant(w));
  var const x = g.input(t, t.constant(w)), y = fixed.input(t, t.constant(w));
  for (index_t i = 0; i < 6; ++i) {
    CHECK(t.value(a)[i] == t.value(b)[i]);
    CHECK(t.value(x)[i] == t.value(y)[i]);
  }
  // `lower` reads a number.
  float const scale = g.input_scale;
  CHECK(scale == 0.25f);
  index_t const rows[] = {1};
  CHECK(g.keep_rows(rows).weight_scale[0] == 0.5f);
  CHECK(g.keep_cols(rows).input_zero == -100);
}

TEST_CASE("learned_grid: steps that were pushed to zero or below are put back") {
  learned_grid<4> g(tensor<float>({1, 2}, {-1, 0.5f}), 0, 0);
  tensor<float> const w({2, 1}, {1, 1});
  petra::tape<float> t;
  g.weight(t, t.constant(w));
  g.input(t, t.constant(w));
  CHECK(g.weight_scale[0] == learned_grid<4>::smallest);
  CHECK(g.weight_scale[1] == 0.5f);
  CHECK(static_cast<float>(g.input_scale) == learned_grid<4>::smallest);
  CHECK_THROWS_WITH_AS((learned_grid<4>(tensor<float>({1, 1}), 1, 0).weight(t, t.constant(w))),
                       "grid: expected 2 weight scales, one per output, found 1", petra::shape_error);
}

TEST_CASE("learned_grid: body and shortcut of a residual end on one grid of their input") {
  using namespace petra::nn;
  using quantized = full<leaf<no_mask, learned_grid<8>>>;
  using step_point = point<learned_grid<8>>;
  using layer = conv2d<2, 2, window{.size = 1}, quantized>;
  auto fresh = [](std::uint64_t seed) {
    layer l;
    petra::random r(seed);
    for (float& x : l.weight.a.w) x = r.normal();
    l.weight.a.grid = {tensor<float>({1, 2}, {0.02f, 0.02f}), 0.05f, 3};
    return l;
  };
  residual<layer, layer, step_point> block{fresh(1), fresh(2), {}, {}};
  block.body_out.grid = block.shortcut_out.grid = {{}, 0.05f, 0};
  parameters known(members_of(block));
  optimizer o{petra::adam{}};
  petra::tape<float> t;
  tensor<float> x({2, 3, 3, 2});
  petra::random r(5);
  for (float& v : x) v = r.normal();
  float const before = block.body.weight.a.grid.input_scale;
  for (int step = 0; step < 5; ++step) {
    t.reset();
    var const y = block.forward(t, t.variable(x.shape(), x.data()));
    // Any number that depends on all outputs.
    t.backward(petra::ops::matmul(t, petra::ops::reshape(t, y, {1, 36}), t.constant({1, 36}, x.data())));
    update(o, known, known.gather(t), 0.01f, {});
    CHECK(static_cast<float>(block.body.weight.a.grid.input_scale) ==
          static_cast<float>(block.shortcut.weight.a.grid.input_scale));
  }
  CHECK(static_cast<float>(block.body.weight.a.grid.input_scale) != before);
  CHECK(static_cast<float>(block.body_out.grid.input_scale) != static_cast<float>(block.shortcut_out.grid.input_scale));
}
