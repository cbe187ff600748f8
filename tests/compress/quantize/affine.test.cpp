#include "petra/compress/quantize/affine.hpp"

#include <doctest/doctest.h>

#include <array>
#include <set>

#include "../../nn/filled.hpp"
#include "../../thrown.hpp"
#include "../sample.hpp"
#include "petra/compress/train.hpp"
#include "petra/deploy/execute.hpp"
#include "petra/deploy/lower.hpp"
#include "petra/nn/models/resnet8.hpp"

using namespace petra::nn;
using petra::index_t;
using petra::tensor;
using petra::quantize::affine;
using petra_test::context_of;
using petra_test::pictures;

namespace {

// One sample after the other, each of one row of numbers.
struct rows {
  tensor<float> x;
  index_t size() const { return x.rows(); }
  petra::shape sample_shape() const { return {1, 1, x.cols()}; }
  index_t classes() const { return 2; }
  std::int32_t label(index_t) const { return 0; }
  void read(index_t i, float* out) const { std::copy_n(x.data() + i * x.cols(), x.cols(), out); }
};

template <class M>
auto quantized(M const& m, tensor<float> const& x, affine<8> const& s = {}) {
  rows const data{x};
  petra::context<rows> c;
  c.train = &data;
  return compress(petra::assume_trained(m), s, c).model;
}

}  // namespace

TEST_CASE("affine: grids from known ranges") {
  sequential model{flatten{}, dense<2, 2>{}};
  get<1>(model.layers).weight.a.w = tensor<float>({2, 2}, {0.5f, -1.27f, 2.54f, 0});
  // Inputs from -0.5 to 2.05: 255 steps of 0.01, zero at -128 + 50.
  auto const leaf = get<1>(quantized(model, tensor<float>({2, 2}, {-0.5f, 1, 2.05f, 0})).layers).weight.a;
  CHECK(leaf.grid.input_scale == doctest::Approx(0.01));
  CHECK(leaf.grid.input_zero == -78);
  CHECK(leaf.grid.weight_scale[0] == doctest::Approx(0.01));
  CHECK(leaf.grid.weight_scale[1] == doctest::Approx(0.02));
}

TEST_CASE("affine: zero lies on every grid, also where all inputs have one sign or are zero") {
  sequential model{flatten{}, dense<1, 2>{}};
  auto grid = [&](tensor<float> const& x) { return get<1>(quantized(model, x).layers).weight.a.grid; };
  CHECK(grid(tensor<float>({2, 1}, {3, 5.1f})).input_zero == -128);
  CHECK(grid(tensor<float>({2, 1}, {3, 5.1f})).input_scale == doctest::Approx(0.02));
  CHECK(grid(tensor<float>({2, 1}, {-3, -5.1f})).input_zero == 127);
  auto const none = grid(tensor<float>({2, 1}, {0, 0}));
  CHECK(none.input_scale == 1);
  CHECK(none.input_zero == -128);
  // Weights that are zero, or so small that a step would be no number.
  CHECK(none.weight_scale == tensor<float>({1, 2}, {1, 1}));
  get<1>(model.layers).weight.a.w[0] = 1e-40f;
  CHECK(grid(tensor<float>({2, 1}, {0, 1})).weight_scale[0] == 1);
}

TEST_CASE("affine: ranges are of this calibration, over the number of samples asked for") {
  sequential model{flatten{}, dense<1, 2>{}};
  get<1>(model.layers).weight.a.seen = {-1000, 1000};
  tensor<float> x({100, 1});
  for (index_t i = 0; i < 100; ++i) x[i] = static_cast<float>(i + 1);
  CHECK(get<1>(quantized(model, x).layers).weight.a.seen.hi == 100);
  CHECK(get<1>(quantized(model, x).layers).weight.a.seen.lo == 0);
  std::set<float> tops;
  for (index_t const n : {1, 3, 70, 1000}) {
    float const top = get<1>(quantized(model, x, {.samples = n}).layers).weight.a.seen.hi;
    if (!tops.empty()) CHECK(top >= *tops.rbegin());  // the same order of samples
    tops.insert(top);
  }
  CHECK(*tops.rbegin() == 100);
  CHECK(*tops.begin() < 100);
}

TEST_CASE("affine: batch norms are folded before the grids are set") {
  sequential model{flatten{}, dense<1, 2>{}, batch_norm<2>{}};
  auto& [f, layer, norm] = model.layers;
  layer.weight.a.w = tensor<float>({2, 1}, {1, 1});
  norm.gamma = tensor<float>({1, 2}, {2, 4});
  norm.eps = 0;
  auto const q = quantized(model, tensor<float>({1, 1}, {1}));
  CHECK(get<2>(q.layers).folded);
  CHECK(get<1>(q.layers).weight.a.grid.weight_scale[0] == doctest::Approx(2 / 127.));
  CHECK(get<1>(q.layers).weight.a.grid.weight_scale[1] == doctest::Approx(4 / 127.));
}

TEST_CASE("affine: a batch norm that cannot be folded is a stage_error that names it") {
  auto said = petra_test::thrown<petra::stage_error>([] {
    quantized(sequential{flatten{}, dense<1, 2>{}, relu{}, batch_norm<2>{}}, tensor<float>({1, 1}, {1}));
  });
  CHECK(petra_test::says(said,
                         "petra::quantize::affine<8>{}: the batch norm at 3 follows no convolution or dense layer"));
}

TEST_CASE("affine: activations that are not finite are a stage_error") {
  sequential model{flatten{}, dense<1, 1>{}, dense<1, 2>{}};
  get<1>(model.layers).weight.a.w[0] = 1e30f;
  CHECK(petra_test::says(petra_test::thrown<petra::stage_error>([&] {
                           quantized(model, tensor<float>({1, 1}, {1e30f}));
                         }),
                         "expected finite activations, found inf as the width of a range; did the training diverge?"));
}

TEST_CASE("affine: factors get grids of their own; v reads the layer's input, u what v makes of it") {
  sequential model{flatten{}, dense<2, 2, low_rank<>>{}};
  auto& w = get<1>(model.layers).weight;
  w.v.w = tensor<float>({1, 2}, {1, 1});
  w.u.w = tensor<float>({2, 1}, {1, 2});
  auto const q = get<1>(quantized(model, tensor<float>({1, 2}, {1, 2})).layers).weight;
  CHECK(q.v.seen.hi == 2);
  CHECK(q.u.seen.hi == 3);
  CHECK(q.v.grid.weight_scale.size() == 1);
  CHECK(q.u.grid.weight_scale.size() == 2);
}

TEST_CASE("affine: masked weights do not stretch the grid") {
  sequential model{flatten{}, dense<2, 1, full<leaf<mask>>>{}};
  auto& w = get<1>(model.layers).weight.a;
  w.w = tensor<float>({1, 2}, {100, 1});
  w.mask_slot.keep = tensor<float>({1, 2}, {0, 1});
  CHECK(get<1>(quantized(model, tensor<float>({1, 2}, {1, 2})).layers).weight.a.grid.weight_scale[0] ==
        doctest::Approx(1 / 127.));
}

TEST_CASE("affine: settings") {
  CHECK(petra_test::thrown<petra::setting_error>([] { petra::check_settings(affine<8>{.samples = 0}); }) ==
        "quantize::affine: samples must be >= 1, found 0");
}

namespace {

// A trained ResNet-8 of 4, 8, 16 channels and what becomes of it.
struct trained_resnet {
  petra_test::picture_set train = petra::data::synthetic_pictures({.count = 200, .seed = 1, .size = 16, .classes = 4});
  petra_test::picture_set held_out =
      petra::data::synthetic_pictures({.count = 100, .seed = 2, .size = 16, .classes = 4});
  decltype(petra::models::resnet8<1, 4, 4>(1)) model = petra::models::resnet8<1, 4, 4>(1);
  trained_resnet() { model = compress(model, petra::train{.epochs = 5, .batch = 20}, context_of(train)).model; }
  auto quantized() const { return compress(petra::assume_trained(model), affine<8>{}, context_of(train)).model; }
};

trained_resnet const& resnet() {
  static trained_resnet const r;
  return r;
}

double program_accuracy(petra::deploy::program const& p, petra_test::picture_set const& set, tensor<float>& logits) {
  petra::deploy::session s(p);
  std::vector<float> x(static_cast<std::size_t>(p.input_size()));
  logits = tensor<float>({set.size(), p.output_size()});
  index_t right = 0;
  for (index_t i = 0; i < set.size(); ++i) {
    set.read(i, x.data());
    s.run(x.data(), logits.data() + i * p.output_size());
    right += argmax(logits.data() + i * p.output_size(), p.output_size()) == set.label(i);
  }
  return static_cast<double>(right) / static_cast<double>(set.size());
}

}  // namespace

TEST_CASE("affine: all readers of one tensor share one grid") {
  auto const q = resnet().quantized();
  auto const g = petra::deploy::to_graph(q, resnet().train.sample_shape());
  index_t shared = 0;
  // A ReLU passes its reader's wish on, so compare what is read behind it.
  for (index_t i = 0; i < g.size(); ++i) {
    std::vector<petra::deploy::grid> named;
    for (auto const& reader : g.nodes)
      for (std::size_t k = 0; k < reader.inputs.size(); ++k)
        if (reader.inputs[k] == i && reader.reads[k]) named.push_back(*reader.reads[k]);
    for (auto const& one : named) CHECK(one == named.front());
    shared += named.size() > 1;
  }
  CHECK(shared == 3);  // the input of every block
}

TEST_CASE("affine: the lowered integers are close to the fake-quantized floats, and as right") {
  auto const& r = resnet();
  auto fake = r.quantized();
  auto const p = petra::deploy::lower(fake, r.train.sample_shape());
  CHECK(p.is_bit_exact());
  tensor<float> integer, real;
  double const lowered = program_accuracy(p, r.held_out, integer);
  double const simulated = accuracy(fake, r.held_out);
  double const before = program_accuracy(petra::deploy::lower(r.model, r.train.sample_shape()), r.held_out, real);
  auto full = r.model;
  CHECK(before == accuracy(full, r.held_out));
  tensor<float> faked(integer.shape());
  for_each_batch(fake, r.held_out, 64, [&](float const* logits, index_t first, index_t n) {
    std::copy_n(logits, n * 4, faked.data() + first * 4);
  });
  double const apart = petra_test::difference(faked, integer), lost = petra_test::difference(real, integer);
  MESSAGE("logits: integers from fake-quantized floats "
          << apart << ", from floats " << lost << " of the largest; accuracy " << before << " float, " << simulated
          << " simulated, " << lowered << " lowered");
  CHECK(before > 0.4);
  CHECK(apart < 0.05);
  CHECK(lost < 0.15);
  CHECK(std::abs(lowered - simulated) <= 0.03);
  CHECK(std::abs(lowered - before) <= 0.05);
  // A quarter of the bytes, and a little for scales.
  auto const size = petra::deploy::lower(r.model, r.train.sample_shape()).size_bytes();
  CHECK(p.size_bytes() < size / 2);
}
