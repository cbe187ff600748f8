#include "petra/nn/models/resnet8.hpp"

#include <doctest/doctest.h>

#include "../../thrown.hpp"
#include "../filled.hpp"

using namespace petra::nn;
using petra::index_t;
using petra::tensor;

namespace {

// Numbers that training changes, and those of running statistics.
template <class Model>
std::pair<index_t, index_t> count(Model model) {
  std::pair<index_t, index_t> n{0, 0};
  for_each_member(model, [&]<class M>(std::string const& path, M& m) {
    if constexpr (std::same_as<M, tensor<float>>) (path.ends_with("running") ? n.second : n.first) += m.size();
  });
  return n;
}

}  // namespace

TEST_CASE("resnet8: parameters, by hand") {
  // Stem 432, blocks 4608, 4608 + 9216 + 512, 18432 + 36864 + 2048, classifier 650, norms 2 * 336.
  CHECK(count(petra::models::resnet8<3, 10>(1)) == std::pair<index_t, index_t>{78042, 672});
  // One input channel: 144 taps instead of 432.
  CHECK(count(petra::models::resnet8<1, 10>(1)) == std::pair<index_t, index_t>{78042 - 288, 672});
}

TEST_CASE("resnet8: shapes") {
  auto model = petra::models::resnet8<3, 7>(1);
  CHECK(petra_test::value_of(model, tensor<float>({2, 32, 32, 3})).shape() == petra::shape(2, 7));
  CHECK(petra_test::value_of(model, tensor<float>({1, 9, 14, 3})).shape() == petra::shape(1, 7));
}

TEST_CASE("resnet8: run-time channels and classes give the same numbers") {
  auto fixed = petra::models::resnet8<2, 5, 4>(3);
  auto free = petra::models::resnet8<petra::dyn, petra::dyn, 4>(3, 2, 5);
  petra::random r(1);
  auto const x = petra_test::noise({2, 8, 8, 2}, r);
  CHECK(petra_test::value_of(fixed, x) == petra_test::value_of(free, x));
  CHECK(petra_test::thrown<petra::setting_error>([] { petra::models::resnet8<petra::dyn, 10, 4>(1); }) ==
        "models: expected at least one of channels, found -1");
  CHECK(petra_test::thrown<petra::setting_error>([] { petra::models::resnet8<1, petra::dyn, 4>(1, 1, 0); }) ==
        "models: expected at least one of classes, found 0");
}
