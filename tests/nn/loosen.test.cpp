#include "petra/nn/loosen.hpp"

#include <doctest/doctest.h>

#include "filled.hpp"
#include "petra/nn/models/blocks.hpp"
#include "petra/nn/models/resnet8.hpp"
#include "petra/nn/recompute.hpp"

using namespace petra::nn;
using petra::dyn;

namespace {

// Free widths become dyn; the input's and the logits' extents stay.
static_assert(std::same_as<loosened_t<sequential<conv2d<3, 8>, batch_norm<8>, relu, conv2d<8, 4>, global_avg_pool<>,
                                                 flatten, dense<4, 2>>>,
                           sequential<conv2d<3, dyn>, batch_norm<dyn>, relu, conv2d<dyn, dyn>, global_avg_pool<>,
                                      flatten, dense<dyn, 2>>>);
// Low rank, kernel sizes and slots are kept.
static_assert(std::same_as<loosened_t<sequential<conv2d<3, 8, window{.size = 5}, low_rank<leaf<mask>>>, dense<8, 2>>>,
                           sequential<conv2d<3, dyn, window{.size = 5}, low_rank<leaf<mask>>>, dense<dyn, 2>>>);
// A residual around the input is pinned with it; its hidden width is not. Sites of the body come before those of the shortcut.
static_assert(std::same_as<loosened_t<sequential<residual<sequential<conv2d<3, 8>, conv2d<8, 3>>>, dense<3, 2>>>,
                           sequential<residual<sequential<conv2d<3, dyn>, conv2d<dyn, 3>>>, dense<3, 2>>>);
static_assert(std::same_as<loosened_t<sequential<residual<conv2d<3, 8>, conv2d<3, 8, window{.size = 1}>>, dense<8, 2>>>,
                           sequential<residual<conv2d<3, dyn>, conv2d<3, dyn, window{.size = 1}>>, dense<dyn, 2>>>);
static_assert(
    std::same_as<loosened_t<sequential<conv2d<1, 8>, conv2d<8, 8, window{.groups = per_channel}>, dense<8, 2>>>,
                 sequential<conv2d<1, dyn>, conv2d<dyn, dyn, window{.groups = per_channel}>, dense<dyn, 2>>>);
static_assert(std::same_as<loosened_t<sequential<conv2d<1, 8>, conv2d<8, 8, window{.groups = 2}>, dense<8, 2>>>,
                           sequential<conv2d<1, 8>, conv2d<8, 8, window{.groups = 2}>, dense<8, 2>>>);
// A block that is computed twice is a part of the model like any other.
static_assert(std::same_as<loosened_t<sequential<recompute<sequential<dense<3, 8>, dense<8, 6>>>, dense<6, 2>>>,
                           sequential<recompute<sequential<dense<3, dyn>, dense<dyn, dyn>>>, dense<dyn, 2>>>);
// What is loose already stays as it is.
using resnet = decltype(petra::models::resnet8<3, 10>(1));
static_assert(std::same_as<loosened_t<loosened_t<resnet>>, loosened_t<resnet>> &&
              !std::same_as<loosened_t<resnet>, resnet>);

}  // namespace

TEST_CASE("loosen: the values are moved, not changed") {
  auto model = petra::models::resnet8<3, 10, 8>(5);
  get<1>(model.layers).mean.value[3] = 0.25f;
  get<1>(model.layers).eps = 0.5f;
  get<1>(model.layers).momentum = 0.75f;
  get<3>(model.layers).body_out.seen = {-1, 2};
  auto loose = loosen(model);
  petra::random r(1);
  auto const x = petra_test::noise({2, 8, 8, 3}, r);
  CHECK(petra_test::value_of(model, x) == petra_test::value_of(loose, x));
  CHECK(get<1>(loose.layers).momentum == 0.75f);
  CHECK(get<3>(loose.layers).body_out.seen.hi == 2);
  std::string a, b;
  for_each_member(model, [&](std::string const& path, auto&) { a += path + " "; });
  for_each_member(loose, [&](std::string const& path, auto&) { b += path + " "; });
  CHECK(a == b);
}
