#include "petra/nn/branch.hpp"

#include <doctest/doctest.h>

#include "../thrown.hpp"
#include "filled.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/loosen.hpp"
#include "petra/nn/residual.hpp"
#include "petra/nn/sequential.hpp"
#include "petra/nn/slice.hpp"

using namespace petra::nn;
using petra::tensor;
using petra_test::value_of;

TEST_CASE("branch: outputs stand side by side") {
  branch twins{identity{}, relu{}, identity{}};
  CHECK(value_of(twins, tensor<float>({1, 2}, {-1, 3})) == tensor<float>({1, 6}, {-1, 3, 0, 3, -1, 3}));
}

TEST_CASE("branch: its points observe the outputs, its members have names") {
  branch both{dense<2, 1>{}, relu{}};
  petra::tape<float> t;
  t.observing = true;
  both.forward(t, t.constant(tensor<float>({1, 2}, {-1, 3})));
  CHECK(both.outs[1].seen.hi == 3);
  std::string paths;
  for (auto const& m : members_of(both)) paths += m.path + " ";
  CHECK(paths ==
        "0.weight.a.w 0.weight.a.seen.lo 0.weight.a.seen.hi 0.weight.a.frozen 0.bias out0.seen.lo out0.seen.hi "
        "out1.seen.lo out1.seen.hi ");
}

TEST_CASE("branch: parts go through map in their order, and the values stay") {
  petra::random r(1);
  sequential model{dense<3, 4>{}, branch{sequential{dense<4, 5>{}, relu{}, dense<5, 2>{}}, dense<4, 3>{}},
                   dense<5, 2>{}};
  for (auto const& m : members_of(model))
    if (m.tensor != nullptr)
      for (float& v : *m.tensor) v = r.normal();
  int weights = 0, points = 0;
  auto const same_again = model.map([&]<class P, class H>(P const& p, H const&) {
    if constexpr (weighted<H>)
      ++weights;
    else
      ++points;
    return p;
  });
  CHECK(weights == 5);
  CHECK(points == 2);
  auto copy = same_again;
  auto loose = loosen(model);
  auto const x = petra_test::noise({2, 3}, r);
  CHECK(value_of(copy, x) == value_of(model, x));
  CHECK(value_of(loose, x) == value_of(model, x));
  // Within a branch widths are free, those that are put together are not.
  using inner = std::remove_cvref_t<decltype(get<1>(loose.layers))>;
  static_assert(
      std::same_as<inner, branch<point<>, sequential<dense<petra::dyn, petra::dyn>, relu, dense<petra::dyn, 2>>,
                                 dense<petra::dyn, 3>>>);
  CHECK(petra_test::gradient_error_of(model, {2, 3}, 0.1) < 1e-6);
}

TEST_CASE("branch: outputs of different sizes are an error") {
  branch wrong{identity{}, reshape<2, 1>{}};
  CHECK(petra_test::says(petra_test::thrown<petra::shape_error>([&] {
                           value_of(wrong, tensor<float>({2, 2}));
                         }),
                         "concat: expected equal axes but for the last one"));
}
