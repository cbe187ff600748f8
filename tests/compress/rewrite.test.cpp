#include "petra/compress/rewrite.hpp"

#include <doctest/doctest.h>

#include "petra/nn/conv2d.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/pool.hpp"
#include "petra/nn/relu.hpp"
#include "petra/nn/residual.hpp"
#include "petra/nn/sequential.hpp"

using namespace petra::nn;
using petra::index_t;
using petra::tensor;

namespace {

struct law_and_name {
  static constexpr petra::rule law{};
  static constexpr char const* name = "mine::stage";
};

// Sets a slot: masks everything.
struct mask_all : law_and_name {
  template <class Leaf>
    requires requires(Leaf const& l) { l.w; }
  mask rewrite(no_mask const&, Leaf const& l) const { return {tensor<float>(l.w.shape())}; }
};
// Replaces a structure, by the numbers: a matrix with a negative first element is left alone.
struct factor : law_and_name {
  template <class Leaf>
  one_of<full<Leaf>, low_rank<Leaf>> rewrite(full<Leaf> const& w) const {
    if (!w.a.w.empty() && w.a.w[0] < 0) return w;
    return low_rank<Leaf>{w.a, w.a};
  }
  template <class W>
  static bool changed(W const& w) {
    return w.index() == 1;
  }
};
// Reaches points too.
struct grid_all : law_and_name {
  template <class Holder>
  affine_grid<8> rewrite(no_grid const&, Holder const&) const {
    return {};
  }
};
// Knows dense layers only.
struct dense_only : mask_all {
  template <class Layer>
  static constexpr bool accepts = requires {
    requires !Layer::grouped;
  };
};
struct whole : law_and_name {
  template <class M>
  M apply(M const& m) const {
    return m;
  }
};

template <class S, class M>
std::pair<decltype(petra::rewrite_model(S{}, std::declval<M const&>(), std::declval<petra::stage_report&>())), index_t>
run(M const& m) {
  petra::stage_report r;
  auto out = petra::rewrite_model(S{}, m, r);
  return {std::move(out), r.touched};
}

using masked = full<leaf<mask>>;

}  // namespace

TEST_CASE("rewrite: a slot is set in every leaf of every layer, whatever holds it") {
  auto const [out, touched] =
      run<mask_all>(sequential{dense<2, 3>{}, relu{}, residual{conv2d<3, 3, window{.size = 1}, low_rank<>>{}}});
  static_assert(
      std::same_as<decltype(out), sequential<dense<2, 3, masked>, relu,
                                             residual<conv2d<3, 3, window{.size = 1}, low_rank<leaf<mask>>>>> const>);
  CHECK(touched == 3);
  CHECK(get<0>(out.layers).weight.a.mask_slot.keep.shape() == petra::shape(3, 2));
}

TEST_CASE("rewrite: points are parts, too") {
  auto const [out, touched] = run<grid_all>(sequential{residual{relu{}}, global_avg_pool<>{}});
  static_assert(std::same_as<decltype(out), sequential<residual<relu, identity, point<affine_grid<8>>>,
                                                       global_avg_pool<point<affine_grid<8>>>> const>);
  CHECK(touched == 3);
}

TEST_CASE("rewrite: a choice by numbers counts only what changed") {
  sequential model{dense<2, 3>{}, dense<3, 2>{}};
  get<1>(model.layers).weight.a.w[0] = -1;
  auto const [out, touched] = run<factor>(model);
  using both = one_of<full<>, low_rank<>>;
  static_assert(std::same_as<decltype(out), sequential<dense<2, 3, both>, dense<3, 2, both>> const>);
  CHECK(touched == 1);
  CHECK(get<0>(out.layers).weight.index() == 1);
  CHECK(get<1>(out.layers).weight.index() == 0);
}

TEST_CASE(
    "rewrite: a choice whose results are among its own stays the same type; otherwise it becomes that of the results") {
  using slot = one_of<no_mask, mask>;
  auto const [open, touched] = run<mask_all>(dense<2, 3, full<leaf<slot>>>{});
  static_assert(std::same_as<decltype(open), dense<2, 3, full<leaf<slot>>> const>);
  CHECK(touched == 1);
  CHECK(open.weight.a.mask_slot.index() == 1);
  auto const [again, none] = run<mask_all>(open);
  CHECK(none == 0);

  using both = one_of<full<>, low_rank<>>;
  auto const [closed, two] = run<mask_all>(dense<2, 3, both>{low_rank<>{}, {}});
  static_assert(std::same_as<decltype(closed), dense<2, 3, one_of<full<leaf<mask>>, low_rank<leaf<mask>>>> const>);
  CHECK(two == 2);
}

TEST_CASE("rewrite: layers that a stage does not accept are left alone") {
  auto const [out, touched] = run<dense_only>(sequential{conv2d<2, 2, window{.groups = 2}>{}, dense<2, 3>{}});
  static_assert(std::same_as<decltype(out), sequential<conv2d<2, 2, window{.groups = 2}>, dense<2, 3, masked>> const>);
  CHECK(touched == 1);
}

// Known from the types: does a stage find anything in a model?
static_assert(petra::touches<mask_all, sequential<relu, dense<2, 3>>> &&
              !petra::touches<mask_all, sequential<relu, max_pool<>>>);
static_assert(!petra::touches<mask_all, dense<2, 3, masked>> && petra::touches<grid_all, sequential<residual<relu>>>);
static_assert(petra::touches<factor, dense<2, 3>> && !petra::touches<factor, dense<2, 3, low_rank<>>>);
static_assert(petra::touches<factor, dense<2, 3, one_of<full<>, low_rank<>>>>);
static_assert(petra::touches<mask_all, dense<2, 3, full<leaf<one_of<no_mask, mask>>>>>);
static_assert(!petra::touches<dense_only, conv2d<2, 2, window{.groups = 2}>>);
static_assert(petra::names_rewrite<mask_all> && petra::names_rewrite<factor> && !petra::names_rewrite<whole>);
