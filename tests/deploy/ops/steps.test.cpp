#include "petra/deploy/ops/steps.hpp"

#include <doctest/doctest.h>

#include "../alike.hpp"
#include "petra/deploy/ops/activation.hpp"
#include "petra/grad/ops/pool1d.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/sequential.hpp"

using namespace petra::nn;
using petra::index_t;
using petra::tensor;

namespace {

// Sequences of noise of lengths L .. 0.
tensor<float> of_all_lengths(index_t n, index_t steps, index_t c) {
  petra::random r(7);
  tensor<float> x({n, steps, c});
  for (index_t i = 0; i < n; ++i)
    for (index_t k = 0; k < (n - 1 - i) * steps / (n - 1) * c; ++k) x[i * steps * c + k] = r.normal();
  return x;
}

// Layers of which `lower` is all that is new: their forward is that of the ops.
struct max_layer {
  template <petra::scalar T>
  petra::var forward(petra::tape<T>& t, petra::var x) {
    return petra::ops::max_of_steps(t, x);
  }
  static constexpr int trace(channel_plan&, int group) { return group; }
  template <class F>
  max_layer map(F const&) const {
    return *this;
  }
  template <class Builder>
  auto lower(Builder& b, typename Builder::value x) const {
    return petra::deploy::max_of_steps(b, x);
  }
};
template <class Point = point<>>
struct mean_layer {
  Point in;
  template <petra::scalar T>
  petra::var forward(petra::tape<T>& t, petra::var x) {
    return petra::ops::mean_of_steps(t, in.input(t, x));
  }
  static constexpr int trace(channel_plan&, int group) { return group; }
  template <class F>
  auto map(F const& f) const {
    auto p = f(in, *this);
    return mean_layer<decltype(p)>{std::move(p)};
  }
  template <class F>
  void members(F&& f) {
    f("in", in);
  }
  template <class Builder>
  auto lower(Builder& b, typename Builder::value x) const {
    return petra::deploy::mean_of_steps(b, x, in);
  }
};
struct clear_layer {
  template <petra::scalar T>
  petra::var forward(petra::tape<T>& t, petra::var x) {
    return petra::ops::without_padding(t, x);
  }
  static constexpr int trace(channel_plan&, int group) { return group; }
  template <class F>
  clear_layer map(F const&) const {
    return *this;
  }
  template <class Builder>
  auto lower(Builder& b, typename Builder::value x) const {
    return petra::deploy::cleared(b, x);
  }
};

// Behind a layer whose padded steps are not zero; in front of one that names a grid.
template <class Layer>
void check_steps(Layer layer, std::string const& name, double tolerance) {
  CAPTURE(name);
  auto const x = of_all_lengths(6, 5, 4);
  alike::check_float(sequential{mask_zeros{}, layer}, x);
  alike::check_float(layer, x);
  sequential model{mask_zeros{}, sigmoid{}, layer, dense<4, 3>{}};
  alike::randomize(model, 0.4f);
  alike::check_header(alike::check_float(model, x), x, name + "_f32");
  auto const p = alike::check_int8(model, x, tolerance);
  alike::check_header(p, x, name + "_s8");
  sequential whole{sigmoid{}, layer, dense<4, 3>{}};
  alike::randomize(whole, 0.4f);
  alike::check_int8(whole, x, tolerance);
}

}  // namespace

TEST_CASE("lowered steps: the first and the last that count") {
  check_steps(first_step{}, "first_step", 1e-4);
  check_steps(last_step{}, "last_step", 1e-4);
}
TEST_CASE("lowered steps: the largest and the mean of those that count") {
  check_steps(max_layer{}, "max_steps", 1e-4);
  check_steps(mean_layer{}, "mean_steps", 0.02);
}
TEST_CASE("lowered steps: padding becomes zeros, on grids too") {
  auto const x = of_all_lengths(6, 5, 4);
  sequential model{mask_zeros{}, sigmoid{}, clear_layer{}};
  alike::check_header(alike::check_float(model, x), x, "clear_steps_f32");
  // A mean over all steps that is told of no length sees whether they were cleared.
  petra::deploy::builder b({1, 5, 4});
  b.find_length(0);
  petra::deploy::grid const g{1 / 128.f, -100};
  auto y = petra::deploy::cleared(b, 0);
  CHECK(b.length(y) == b.length(0));
  b.set_length(y, b.no_length);
  point<affine_grid<8>> in;
  in.grid.input_scale = g.scale, in.grid.input_zero = g.zero;
  y = petra::deploy::mean_of_steps(b, y, in);
  y = petra::deploy::mean_of_steps(b, y, in);  // names the grid of the first
  auto const graph = petra::deploy::finish(std::move(b).finish());
  CHECK(std::any_of(graph.nodes.begin(), graph.nodes.end(),
                    [&](auto const& n) { return n.place.empty() && n.own != nullptr && n.out_grid == g; }));
  float all[20], two[20] = {};
  for (index_t i = 0; i < 20; ++i) all[i] = static_cast<float>(i % 4) * 0.25f;
  std::copy_n(all, 8, two);
  for (index_t c = 0; c < 4; ++c) {
    CHECK(petra::deploy::run_reference(graph, all)[static_cast<std::size_t>(c)] ==
          doctest::Approx(static_cast<float>(c) * 0.25f).epsilon(0.02));
    CHECK(petra::deploy::run_reference(graph, two)[static_cast<std::size_t>(c)] ==
          doctest::Approx(static_cast<float>(c) * 0.1f).epsilon(0.06));
  }
}
TEST_CASE("lowered steps: pictures are a shape_error") {
  CHECK_THROWS_AS(petra::deploy::lower(last_step{}, petra::shape(3, 3, 2)), petra::shape_error);
}
