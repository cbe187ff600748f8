#include "petra/deploy/ops/slice.hpp"

#include <doctest/doctest.h>

#include "../alike.hpp"
#include "petra/deploy/ops/conv1d.hpp"
#include "petra/nn/conv2d.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/flatten.hpp"
#include "petra/nn/mask_zeros.hpp"
#include "petra/nn/sequential.hpp"

namespace {

using namespace petra::nn;

template <class Model>
void check_sliced(Model m, petra::shape input, std::string const& name) {
  alike::randomize(m);
  petra::random r(7);
  auto const x = petra_test::noise(input, r);
  alike::check_header(alike::check_float(m, x), x, name + "_f32");
  auto const p = alike::check_int8(m, x, 0.1);
  CHECK(p.is_bit_exact());
  alike::check_header(p, x, name + "_s8");
}

std::string said_of(auto const& model, petra::shape input) {
  try {
    (void)petra::deploy::to_graph(model, input);
  } catch (petra::shape_error const& e) {
    return e.what();
  }
  return {};
}

}  // namespace

TEST_CASE("lowered slices: channels and steps, between windows with padding") {
  check_sliced(sequential{conv1d<3, 8>{}, channel_range<2, 5>{}, conv1d<5, 6>{}, step_range<3, 9>{}, conv1d<6, 4>{},
                          global_avg_pool1d<>{}, dense<4, 3>{}},
               {5, 16, 3}, "slices");
}

TEST_CASE("lowered reshape: a picture becomes a series, and a series a picture") {
  check_sliced(sequential{conv2d<2, 4>{}, reshape<petra::dyn, 8>{}, conv1d<8, 6>{}, reshape<3, petra::dyn, 6>{},
                          conv2d<6, 4>{}, flatten{}, dense<60, 3>{}},
               {5, 6, 5, 2}, "reshapes");
}

TEST_CASE("lowered reshape: padded steps become zeros") {
  auto m =
      sequential{mask_zeros{}, conv1d<3, 4>{}, reshape<8, 6>{}, conv1d<6, 4>{}, global_max_pool1d{}, dense<4, 3>{}};
  alike::randomize(m);
  petra::random r(7);
  auto x = petra_test::noise({4, 12, 3}, r);
  std::fill_n(x.data() + 7 * 3, 5 * 3, 0.f);
  alike::check_float(m, x);
  alike::check_int8(m, x, 0.1);
}

TEST_CASE("lowered slices: what does not fit is an error with the place") {
  CHECK(said_of(sequential{channel_range<2, 5>{}}, {9, 6}) == "0: expected at least 7 channels, found 6");
  CHECK(said_of(sequential{step_range<3, 9>{}}, {9, 6}) == "0: expected at least 12 steps, found 9");
  CHECK(said_of(sequential{step_range<3, 1>{}}, {9, 6, 2}) ==
        "0: step_range expects a series (L,C) whose steps all count, found a picture");
  CHECK(said_of(sequential{reshape<petra::dyn, 5>{}}, {9, 6}) == "0: reshape expects 50 numbers, found 54");
}
