#include "petra/deploy/ops/activation.hpp"

#include <doctest/doctest.h>

#include "../alike.hpp"
#include "petra/nn/conv2d.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/flatten.hpp"
#include "petra/nn/sequential.hpp"

namespace {

using namespace petra::nn;

// Between convolutions with padding: maps with frames on both sides.
template <class F>
auto between_convolutions() {
  return sequential{conv2d<2, 5, window{}>{}, activation<F>{}, conv2d<5, 4, window{}>{},
                    activation<F>{},          flatten{},       dense<4 * 6 * 5, 3>{}};
}

template <class F>
void check_activation(std::string const& name) {
  CAPTURE(name);
  auto m = between_convolutions<F>();
  alike::randomize(m, 0.3f);
  petra::random r(3);
  auto const x = petra_test::noise({6, 6, 5, 2}, r);
  alike::check_float(m, x);
  auto const p = alike::check_int8(m, x, 0.08);
  CHECK(p.is_bit_exact());
}

}  // namespace

TEST_CASE("lowered activation: all functions, in float and in integers") {
  namespace a = petra::kernel::activations;
  check_activation<a::sigmoid>("sigmoid");
  check_activation<a::tanh>("tanh");
  check_activation<a::gelu>("gelu");
  check_activation<a::gelu_tanh>("gelu_tanh");
  check_activation<a::silu>("silu");
  check_activation<a::relu6>("relu6");
  check_activation<a::hard_swish>("hard_swish");
  check_activation<a::leaky_relu>("leaky_relu");
}

TEST_CASE("lowered activation: the slope of a leaky ReLU goes along") {
  leaky_relu steep{{.below = 0.5f}};
  petra::random r(4);
  auto const x = petra_test::noise({2, 3, 2, 5}, r);
  auto const y = alike::outputs_of(alike::check_float(steep, x), x);
  for (petra::index_t i = 0; i < x.size(); ++i) CHECK(y[i] == (x[i] < 0 ? 0.5f * x[i] : x[i]));
}

TEST_CASE("lowered activation: headers compile alone") {
  petra::random r(5);
  auto m =
      sequential{conv2d<2, 5, window{}>{}, leaky_relu{{.below = 0.2f}}, conv2d<5, 4, window{}>{}, gelu{}, flatten{},
                 dense<4 * 6 * 5, 3>{}};
  alike::randomize(m, 0.3f);
  auto const x = petra_test::noise({6, 6, 5, 2}, r);
  alike::check_header(alike::check_float(m, x), x, "activation_f32");
  alike::check_header(alike::check_int8(m, x, 0.08), x, "activation_s8");
}
