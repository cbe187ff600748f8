#include "petra/deploy/fuse_sums.hpp"

#include <doctest/doctest.h>

#include "alike.hpp"
#include "petra/deploy/ops/conv1d.hpp"
#include "petra/deploy/ops/layer_norm.hpp"
#include "petra/nn/conv2d.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/flatten.hpp"
#include "petra/nn/relu.hpp"
#include "petra/nn/residual.hpp"
#include "petra/nn/sequential.hpp"

namespace {

using namespace petra::nn;
using petra::index_t;
using petra::deploy::op;

// The additions that are left, and what reads two values.
struct sums_of {
  index_t additions = 0, norms = 0;
  explicit sums_of(petra::deploy::graph const& g) {
    for (auto const& n : g.nodes) {
      additions += n.kind == op::add;
      norms += n.own != nullptr && n.inputs.size() == 2;
    }
  }
};

auto normed_sums() {
  auto m = sequential{dense<5, 19>{},   residual{dense<19, 19>{}},
                      layer_norm<19>{}, residual{dense<19, 19>{}},
                      layer_norm<19>{}, flatten{},
                      dense<133, 3>{}};
  alike::randomize(m, 0.3f);
  return m;
}

template <class Model>
sums_of sums_in(Model const& m, petra::shape input) {
  return sums_of(petra::deploy::finish(petra::deploy::to_graph(m, input)));
}

}  // namespace

TEST_CASE("fuse sums: a layer norm reads both addends, in float") {
  petra::random r(3);
  auto const x = petra_test::noise({6, 7, 5}, r);
  auto const p = alike::check_float(normed_sums(), x);
  for (auto const& s : p.steps()) CHECK(s.kind != petra::deploy::kernel_kind::add_f32);
  alike::check_header(p, x, "norm_of_sum_f32");
  sums_of const found = sums_in(normed_sums(), {7, 5});
  CHECK(found.additions == 0);
  CHECK(found.norms == 2);
  CHECK(alike::check_int8(normed_sums(), x).is_bit_exact());
}

TEST_CASE("fuse sums: idempotent, and the same function") {
  auto const g = petra::deploy::to_graph(normed_sums(), {7, 5});
  auto const once = petra::deploy::run_passes(g), twice = petra::deploy::run_passes(once);
  CHECK(once.size() == twice.size());
  petra::random r(3);
  auto const x = petra_test::noise({1, 7, 5}, r);
  CHECK(petra::deploy::run_reference(once, x.data()) == petra::deploy::run_reference(twice, x.data()));
}

TEST_CASE("fuse sums: a frame around an addend that a convolution reads, too") {
  petra::random r(3);
  auto const x = petra_test::noise({6, 7, 5}, r);
  auto m = sequential{dense<5, 8>{}, residual{conv1d<8, 8>{}}, layer_norm<8>{}, conv1d<8, 3>{}};
  alike::randomize(m, 0.3f);
  alike::check_float(m, x);
  CHECK(sums_in(m, {7, 5}).norms == 1);
}

TEST_CASE("fuse sums: not with a ReLU, of pictures, or where somebody else reads the sum") {
  CHECK(sums_in(sequential{residual{dense<5, 5>{}}, relu{}, layer_norm<5>{}}, {7, 5}).additions == 1);
  CHECK(sums_in(sequential{residual{conv2d<5, 5>{}}, layer_norm<5>{}}, {7, 7, 5}).additions == 1);
  CHECK(sums_in(sequential{residual{dense<5, 5>{}}, residual{layer_norm<5>{}}}, {7, 5}).additions == 2);
}
