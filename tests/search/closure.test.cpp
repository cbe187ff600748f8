#include "petra/search/closure.hpp"

#include <doctest/doctest.h>

#include "petra/compress/lowrank/svd.hpp"
#include "petra/compress/prune/channels.hpp"
#include "petra/compress/prune/magnitude.hpp"
#include "petra/compress/quantize/affine.hpp"
#include "petra/compress/train.hpp"

using namespace petra::nn;
using petra::type_list;
using petra::search::closure;
using petra::search::parts;
using magnitude = petra::prune::magnitude;
using svd = petra::lowrank::svd;
using affine = petra::quantize::affine<8>;

namespace {

// Slots: what each can be set to. No stage, no choice but the first.
static_assert(std::same_as<parts<petra::finetune>::mask_slot, one_of<no_mask>>);
static_assert(std::same_as<parts<magnitude, affine>::mask_slot, one_of<no_mask, mask>>);
static_assert(std::same_as<parts<magnitude, affine>::grid_slot, one_of<no_grid, affine_grid<8>>>);
static_assert(std::same_as<parts<affine>::point_type, point<one_of<no_grid, affine_grid<8>>>>);
static_assert(std::same_as<parts<magnitude>::point_type, point<one_of<no_grid>>>);

// Structures: of leaves whose slots are choices, so two masks, two grids and two structures are six choices and not eight weights.
using all = parts<petra::train, petra::prune::channels, magnitude, svd, affine, petra::finetune>;
static_assert(std::same_as<all::leaf_type, leaf<one_of<no_mask, mask>, one_of<no_grid, affine_grid<8>>>>);
static_assert(std::same_as<all::weight_type, one_of<full<all::leaf_type>, low_rank<all::leaf_type>>>);
static_assert(std::same_as<parts<magnitude>::weight_type, one_of<full<leaf<one_of<no_mask, mask>, one_of<no_grid>>>>>);
// The order of the stages does not matter.
static_assert(std::same_as<parts<affine, svd, magnitude>::weight_type, parts<magnitude, svd, affine>::weight_type>);

// A closure reaches what only two stages together make: a -> b by one, b -> c by the other.
template <int N>
struct tag {};
template <int From, int To>
struct turn {
  static constexpr petra::rule law{};
  static constexpr char const* name = "mine::turn";
  tag<To> rewrite(tag<From> const&) const { return {}; }
};
using first = turn<0, 1>;
using second = turn<1, 2>;
static_assert(std::same_as<closure<type_list<tag<0>>, void, first, second>::type, type_list<tag<0>, tag<1>, tag<2>>>);
static_assert(std::same_as<closure<type_list<tag<0>>, void, second, first>::type, type_list<tag<0>, tag<1>, tag<2>>>);
static_assert(std::same_as<closure<type_list<tag<0>>, void, second>::type, type_list<tag<0>>>);
// A cycle ends.
static_assert(std::same_as<closure<type_list<tag<0>>, void, first, turn<1, 0>>::type, type_list<tag<0>, tag<1>>>);

}  // namespace

TEST_CASE("closure: opening keeps numbers, observed ranges and frozen weights") {
  full<> w;
  w.a.w = petra::tensor<float>({1, 2}, {3, 4});
  w.a.seen = {-1, 5};
  w.a.frozen = true;
  all::weight_type const open = all::open(w);
  CHECK(open.index() == 0);
  CHECK(open.effective() == w.a.w);
  auto const& leaf = open.as<0>().a;
  CHECK(leaf.seen.lo == -1);
  CHECK(leaf.seen.hi == 5);
  CHECK(leaf.frozen);
  CHECK(leaf.mask_slot.index() == 0);
  point<> p;
  p.seen = {-2, 2};
  CHECK(all::open(p).seen.hi == 2);
}
