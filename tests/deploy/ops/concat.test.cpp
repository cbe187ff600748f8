#include "petra/deploy/ops/concat.hpp"

#include <doctest/doctest.h>

#include "../alike.hpp"
#include "petra/deploy/ops/conv1d.hpp"
#include "petra/nn/conv2d.hpp"
#include "petra/nn/flatten.hpp"
#include "petra/nn/models/inception_time.hpp"
#include "petra/nn/models/resnet1d.hpp"
#include "petra/nn/models/text_cnn.hpp"

namespace {

using namespace petra::nn;
using petra::index_t;
using petra::deploy::kernel_kind;
using petra::deploy::program;

petra::tensor<float> noise_of(petra::shape s) {
  petra::random r(7);
  return petra_test::noise(s, r);
}

index_t count(program const& p, std::string const& kernel) {
  index_t n = 0;
  for (auto const& s : p.steps()) n += s.own != nullptr ? s.own->name().starts_with(kernel) : name_of(s.kind) == kernel;
  return n;
}

}  // namespace

TEST_CASE("lowered branch: of pictures, with frames on both sides") {
  auto m = sequential{conv2d<2, 6>{},
                      relu{},
                      branch{conv2d<6, 3, window{.size = 1}>{}, sequential{conv2d<6, 5>{}, relu{}}, conv2d<6, 17>{},
                             max_pool<3, 1, 1>{}},
                      conv2d<31, 4>{},
                      relu{},
                      global_avg_pool<>{},
                      flatten{},
                      dense<4, 3>{}};
  alike::randomize(m, 0.3f);
  auto const x = noise_of({5, 6, 7, 2});
  alike::check_header(alike::check_float(m, x), x, "branch_f32");
  program const p = alike::check_int8(m, x, 0.1);
  CHECK(p.is_bit_exact());
  CHECK(count(p, "concat_s8") == 1);
  alike::check_header(p, x, "branch_s8");
}

TEST_CASE("lowered branch: of vectors, within a branch, first and last") {
  auto m = sequential{branch{dense<5, 4>{}, branch{dense<5, 3>{}, relu{}}}, dense<12, 6>{}};
  alike::randomize(m);
  auto const x = noise_of({5, 5});
  alike::check_float(m, x);
  alike::check_int8(m, x, 0.1);
  auto last = sequential{branch{dense<5, 4>{}, sequential{dense<5, 3>{}, relu{}}}};
  alike::randomize(last);
  alike::check_float(last, x);
}

TEST_CASE("lowered branch: norms and ReLUs behind it go to what makes its parts") {
  auto m =
      sequential{branch{petra::models::conv1d_norm<3, 4, window{.size = 5}>(),
                        sequential{max_pool1d<3, 1, same>{}, petra::models::conv1d_norm<3, 6, window{.size = 1}>()}},
                 batch_norm<10>{}, relu{}, global_avg_pool1d<>{}, dense<10, 3>{}};
  alike::randomize(m);
  auto const x = noise_of({5, 12, 3});
  program const p = alike::check_float(m, x);
  CHECK(count(p, "depthwise_f32") == 0);
  CHECK(count(p, "max_pool_f32") == 1);
  CHECK(p.steps().size() == 7);  // input, two convolutions, a pool, concat, mean, dense
  alike::check_int8(m, x, 0.1);
}

TEST_CASE("lowered branch: a part that others read keeps what it is") {
  auto m = sequential{conv1d<3, 4>{}, residual{sequential{branch{identity{}, conv1d<4, 4>{}}, relu{}, conv1d<8, 4>{}}},
                      residual{sequential{branch{conv1d<4, 2>{}, conv1d<4, 2>{}}, residual{relu{}}}},
                      global_max_pool1d{}, dense<4, 2>{}};
  alike::randomize(m);
  auto const x = noise_of({5, 12, 3});
  alike::check_float(m, x);
  alike::check_int8(m, x, 0.1);
}

TEST_CASE("lowered branch: parts come on the grid of all, where nobody else reads them") {
  auto m = sequential{conv1d<3, 4>{}, branch{conv1d<4, 5>{}, branch{conv1d<4, 6>{}, identity{}}}, conv1d<15, 4>{},
                      global_max_pool1d{}, dense<4, 2>{}};
  alike::randomize(m);
  alike::samples const set{noise_of({5, 12, 3})};
  petra::stage_report report;
  auto const q = petra::quantize::affine<8>{}.apply(m, petra::context<alike::samples>{.train = &set}, report);
  auto const g = petra::deploy::finish(petra::deploy::to_graph(q, {12, 3}));
  index_t equal = 0, other = 0;
  for (auto const& n : g.nodes)
    for (std::size_t k = 0; n.own != nullptr && n.own->joins_channels() && k < n.inputs.size(); ++k)
      ++(n.reads[k] == n.out_grid ? equal : other);
  CHECK(equal == 3);
  CHECK(other == 1);  // what the first convolution of the branch reads, too
}

TEST_CASE("lowered branch: maps of different sizes are an error with the place") {
  auto const m = sequential{relu{}, branch{relu{}, max_pool<2>{}}};
  CHECK_THROWS_WITH_AS((void)petra::deploy::to_graph(m, {4, 6, 2}),
                       doctest::Contains("1: expected branches of one height and width, found 4x6x2 and 2x3x2"),
                       petra::shape_error);
}

TEST_CASE("models of series lower: InceptionTime and the residual network, in float and in integers") {
  auto inception = petra::models::inception_time<2, 3, 4>(1);
  auto resnet = petra::models::resnet1d<2, 3, 8>(1);
  alike::randomize(inception, 0.3f);
  alike::randomize(resnet, 0.3f);
  auto const x = noise_of({6, 60, 2});
  program const plain = alike::check_float(inception, x);
  CHECK(count(plain, "concat_f32") == 12);  // two in each module
  CHECK(count(plain, "depthwise_f32") == 0);
  program const integers = alike::check_int8(inception, x, 0.15);
  CHECK(integers.is_bit_exact());
  CHECK(count(integers, "concat_s8") == 12);
  alike::check_header(integers, x, "inception_s8");
  alike::check_header(alike::check_float(resnet, x), x, "resnet1d_f32");
  program const small = alike::check_int8(resnet, x, 0.15);
  CHECK(count(small, "conv2d_add_s8") == 3);
  alike::check_header(small, x, "resnet1d_s8");
}
