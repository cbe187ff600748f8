#include "petra/deploy/ops/softmax.hpp"

#include <doctest/doctest.h>

#include "../alike.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/flatten.hpp"
#include "petra/nn/sequential.hpp"

namespace {

using namespace petra::nn;

auto of_probabilities() {
  auto m = sequential{dense<5, 19>{}, softmax{}, dense<19, 4>{}, flatten{}, dense<28, 3>{}};
  alike::randomize(m);
  return m;
}

}  // namespace

TEST_CASE("lowered softmax: in float and in integers; at the end of a model in float") {
  petra::random r(3);
  auto const x = petra_test::noise({6, 7, 5}, r);
  alike::check_float(of_probabilities(), x);
  CHECK(alike::check_int8(of_probabilities(), x).is_bit_exact());
  auto last = sequential{flatten{}, dense<35, 4>{}, softmax{}};
  alike::randomize(last);
  alike::check_float(last, x);
  CHECK(!alike::check_int8(last, x).is_bit_exact());
}

TEST_CASE("lowered softmax: headers compile alone") {
  petra::random r(5);
  auto const x = petra_test::noise({6, 7, 5}, r);
  alike::check_header(alike::check_float(of_probabilities(), x), x, "softmax_f32");
  alike::check_header(alike::check_int8(of_probabilities(), x), x, "softmax_s8");
}
