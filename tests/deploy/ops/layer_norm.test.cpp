#include "petra/deploy/ops/layer_norm.hpp"

#include <doctest/doctest.h>

#include "../../thrown.hpp"
#include "../alike.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/flatten.hpp"
#include "petra/nn/sequential.hpp"

namespace {

using namespace petra::nn;

auto normed_steps() {
  auto m = sequential{dense<5, 19>{}, layer_norm<19>{}, dense<19, 4>{}, layer_norm<4>{}, flatten{}, dense<28, 3>{}};
  alike::randomize(m);
  return m;
}

}  // namespace

TEST_CASE("lowered layer_norm: in float and in integers, inside, first and last") {
  petra::random r(3);
  auto const x = petra_test::noise({6, 7, 5}, r);
  alike::check_float(normed_steps(), x);
  CHECK(alike::check_int8(normed_steps(), x).is_bit_exact());
  layer_norm<5> alone;
  alike::randomize(alone);
  alike::check_float(alone, x);
  alike::check_int8(alone, x);  // nobody names its grid: float
  auto first = sequential{layer_norm<5>{}, flatten{}, dense<35, 3>{}};
  alike::randomize(first);
  alike::check_float(first, x);
  CHECK(alike::check_int8(first, x).is_bit_exact());
}

TEST_CASE("lowered layer_norm: epsilon counts where a row hardly varies, gamma may be zero and beta large") {
  petra::random r(4);
  auto x = petra_test::noise({6, 4, 8}, r);
  for (float& v : x) v *= 0.003f;
  auto m = sequential{layer_norm<8>{}, flatten{}, dense<32, 3>{}};
  petra::random w(5);
  petra_test::fill(petra::get<2>(m.layers).weight, 3, 32, 0, w);
  alike::check_int8(m, x);
  for (float& g : petra::get<0>(m.layers).gamma) g = 0;
  for (float& b : petra::get<0>(m.layers).beta) b = 100 * w.normal();
  alike::check_int8(m, x);
}

TEST_CASE("lowered layer_norm: other channels are an error") {
  CHECK(petra_test::thrown<petra::shape_error>([] {
          petra::deploy::to_graph(sequential{layer_norm<5>{}}, {3, 4});
        }) == "0: expected 5 channels, at most 65536, found 4");
}

TEST_CASE("lowered layer_norm: headers compile alone") {
  petra::random r(5);
  auto const x = petra_test::noise({6, 7, 5}, r);
  alike::check_header(alike::check_float(normed_steps(), x), x, "layer_norm_f32");
  alike::check_header(alike::check_int8(normed_steps(), x), x, "layer_norm_s8");
}
