#include "petra/deploy/ops/self_attention.hpp"

#include <doctest/doctest.h>

#include "../../thrown.hpp"
#include "../alike.hpp"
#include "constant_length.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/flatten.hpp"
#include "petra/nn/sequential.hpp"

namespace {

using namespace petra::nn;
using petra::index_t;

// Between dense layers: of `steps` steps, the first `valid` of which count.
template <bool Causal, index_t Steps, class Weight = full<>>
auto attentive(index_t valid = Steps) {
  auto m = sequential{dense<5, 12>{}, constant_length{valid}, self_attention<12, 3, Causal, Weight>{}, flat_steps{},
                      dense<12 * Steps, 3>{}};
  alike::randomize(m, 0.3f);
  return m;
}

}  // namespace

TEST_CASE("lowered self_attention: causal or not, with lengths, in float and in integers") {
  petra::random r(3);
  auto const x = petra_test::noise({6, 11, 5}, r);
  for (index_t const valid : {11, 7, 1, 0}) {
    CAPTURE(valid);
    auto all = attentive<false, 11>(valid);
    auto looks_back = attentive<true, 11>(valid);
    alike::check_float(all, x);
    alike::check_float(looks_back, x);
    CHECK(alike::check_int8(all, x).is_bit_exact());
    CHECK(alike::check_int8(looks_back, x).is_bit_exact());
  }
  auto const one = petra_test::noise({4, 1, 5}, r);
  alike::check_float(attentive<true, 1>(), one);
  alike::check_int8(attentive<true, 1>(), one);
}

TEST_CASE("lowered self_attention: more steps than a block of keys, factors as weights") {
  petra::random r(4);
  auto const x = petra_test::noise({6, 70, 5}, r);
  alike::check_float(attentive<true, 70>(66), x);
  alike::check_int8(attentive<true, 70>(66), x);
  alike::check_int8(attentive<false, 70>(66), x);
  auto factors = attentive<false, 70, low_rank<>>();
  auto& layer = petra::get<2>(factors.layers);
  petra_test::fill(layer.qkv_weight, 36, 12, 3, r);
  petra_test::fill(layer.out_weight, 12, 12, 3, r);
  alike::check_float(factors, x);
  alike::check_int8(factors, x);
}

TEST_CASE("lowered self_attention: other widths are an error") {
  CHECK(petra_test::thrown<petra::shape_error>([] {
          petra::deploy::to_graph(sequential{self_attention<4, 2>{}}, {3, 5});
        }) == "0: expected a sequence of 4 channels, found 1x3x5");
}

TEST_CASE("lowered self_attention: headers compile alone") {
  petra::random r(5);
  auto const x = petra_test::noise({6, 11, 5}, r);
  alike::check_header(alike::check_float(attentive<true, 11>(7), x), x, "attention_f32");
  alike::check_header(alike::check_int8(attentive<true, 11>(7), x), x, "attention_s8");
  alike::check_header(alike::check_int8(attentive<false, 11>(), x), x, "attention_whole_s8");
}
