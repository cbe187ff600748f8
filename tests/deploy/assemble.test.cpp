#include "petra/deploy/assemble.hpp"

#include <doctest/doctest.h>

#include "petra/deploy/passes.hpp"
#include "sample_graphs.hpp"

using namespace petra::deploy;
using petra::index_t;

namespace {

std::vector<step> assembled(graph const& g) {
  graph const finished = run_passes(g);
  plan const p = plan_arena(finished);
  assembler const make(finished, p);
  std::vector<step> steps;
  if (make.loads_input()) steps.push_back(make.load_input());
  for (index_t i = 1; i < finished.size(); ++i) steps.push_back(make.make(i));
  return steps;
}

}  // namespace

TEST_CASE("assemble: the kernel for each kind of convolution") {
  sample::builder f({6, 6, 4}, false, 1), q({6, 6, 4}, true, 1);
  for (sample::builder* b : {&f, &q}) {
    auto x = b->conv(0, 8, {});
    x = b->conv(x, 8, {3, 3, 1, 1, 8});
    x = b->conv(x, 8, {1, 1, 1, 0, 2});
    b->dense(b->dense(x, 5), 3);
  }
  auto const steps = assembled(f.g);
  REQUIRE(steps.size() == 6);
  CHECK(steps[0].kind == kernel_kind::load_input_f32);
  CHECK(steps[1].kind == kernel_kind::conv2d_f32);
  CHECK(steps[2].kind == kernel_kind::depthwise_f32);
  CHECK(steps[3].kind == kernel_kind::conv2d_f32);
  CHECK(steps[4].kind == kernel_kind::dense_f32);
  CHECK(steps[5].kind == kernel_kind::dense_f32);
  auto const int8 = assembled(q.g);
  REQUIRE(int8.size() == 6);
  CHECK(int8[0].kind == kernel_kind::quantize);
  CHECK(int8[1].kind == kernel_kind::conv2d_s8);
  CHECK(int8[2].kind == kernel_kind::depthwise_s8);
  CHECK(int8[4].kind == kernel_kind::conv2d_s8);  // a dense layer inside stays on its grid
  CHECK(int8[5].kind == kernel_kind::dense_s8_f32);
}

TEST_CASE("assemble: operands: input, arena, logits; frames on both sides of a padded convolution") {
  sample::builder b({6, 6, 4}, true, 1);
  b.dense(b.conv(0, 8, {}), 3);
  auto const steps = assembled(b.g);
  REQUIRE(steps.size() == 3);
  CHECK(steps[0].a.at == operand::where::input);
  CHECK_FALSE(steps[0].a.is_int8);
  CHECK(steps[0].y.is_int8);
  CHECK(steps[1].a.offset == steps[0].y.offset);
  CHECK(steps[2].y.at == operand::where::logits);
  auto const& conv = *steps[1].shape.get_if<petra::rt::conv_shape>();
  CHECK(conv.in == petra::rt::feature_map{6, 6, 4, 1});
  CHECK(conv.out == petra::rt::feature_map{6, 6, 8, 0});
  CHECK(*steps[0].shape.get_if<petra::rt::feature_map>() == conv.in);
}

TEST_CASE("assemble: a fused ReLU is the lower bound of the clamp, at the zero point") {
  for (int const zero : {-128, -5, 40}) {
    sample::builder b({6, 6, 4}, true, 1);
    auto const x = b.relu(b.conv(0, 8, {}));
    b.dense(x, 3);
    b.g[3].reads = {grid{0.1f, zero}};
    auto const steps = assembled(b.g);
    auto const& conv = *steps[1].shape.get_if<petra::rt::conv_shape>();
    CHECK(conv.out_zero == zero);
    CHECK(conv.out_min == zero);
    CHECK(conv.out_max == 127);
  }
}

TEST_CASE("assemble: size on the way is the size of what is packed") {
  sample::builder b({6, 6, 3}, true, 1);
  b.dense(b.conv(0, 8, {}), 3);
  auto const steps = assembled(b.g);
  CHECK(steps[0].size_bytes() == 0);
  CHECK(steps[1].size_bytes() == 8 * 3 * 12 + 8 * (4 + 4 + 1));  // rows of 9 inputs are padded to 12
  CHECK(steps[2].size_bytes() == 3 * 6 * 48 + 3 * (4 + 4));
}
