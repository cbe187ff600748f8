// What nn::lstm has of its own: its weights, and what can be cut; the rest of both recurrent layers is in recurrent.test.cpp.
#include "petra/nn/lstm.hpp"

#include <doctest/doctest.h>

#include <string>
#include <tuple>

#include "petra/nn/dense.hpp"
#include "petra/nn/loosen.hpp"

using namespace petra::nn;

TEST_CASE("lstm layer: members, and a trace in which units are what can be cut") {
  lstm<2, 3> layer;
  std::string names;
  for (auto const& m : members_of(layer))
    if (m.tensor != nullptr) names += m.path + " ";
  CHECK(names == "input_weight.a.w state_weight.a.w input_bias ");
  CHECK(layer.input_weight.a.w.shape() == petra::shape(4 * 3, 2));
  CHECK(layer.state_weight.a.w.shape() == petra::shape(4 * 3, 3));
  constexpr auto plan =
      channel_plan_of<sequential<lstm<2, 3, recurrent_settings{.direction = direction::both}>, dense<6, 2>>>;
  CHECK(plan.site_count == 3);
  auto const [input, state, last] = std::tuple(plan.sites[0], plan.sites[1], plan.sites[2]);
  CHECK((input.in == 0 && state.in == input.out && state.out == input.out && last.in == input.out));
  CHECK((input.rows == 2 * 4 && state.rows == 2 * 4 && last.rows == 1));
  CHECK((plan.pinned(0) && !plan.pinned(input.out) && plan.pinned(last.out)));
  using loose = loosened_t<sequential<lstm<2, 3>, lstm<3, 4>, dense<4, 2>>>;
  CHECK(std::same_as<loose, sequential<lstm<2, petra::dyn>, lstm<petra::dyn, petra::dyn>, dense<petra::dyn, 2>>>);
  CHECK(std::same_as<loosened_t<lstm<2, 3>>, lstm<2, 3>>);
}
