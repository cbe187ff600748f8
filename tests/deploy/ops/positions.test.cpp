#include "petra/deploy/ops/positions.hpp"

#include <doctest/doctest.h>

#include "../../thrown.hpp"
#include "../alike.hpp"
#include "constant_length.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/sequential.hpp"

namespace {

using namespace petra::nn;

// The first `valid` of seven steps count. Tables are longer than that.
template <class Places>
auto placed(Places places, petra::index_t valid) {
  auto m = sequential{dense<5, 12>{}, constant_length{valid}, places, dense<12, 4>{}, flat_steps{}, dense<28, 3>{}};
  alike::randomize(m);
  return m;
}

}  // namespace

TEST_CASE("lowered positions: learned and of sines, with lengths, in float and in integers") {
  petra::random r(3);
  auto const x = petra_test::noise({6, 7, 5}, r);
  for (petra::index_t const valid : {7, 4, 0}) {
    CAPTURE(valid);
    alike::check_float(placed(positions<9, 12>{}, valid), x);
    alike::check_float(placed(sine_positions{}, valid), x);
    CHECK(alike::check_int8(placed(positions<9, 12>{}, valid), x).is_bit_exact());
    CHECK(alike::check_int8(placed(sine_positions{}, valid), x).is_bit_exact());
  }
}

TEST_CASE("lowered positions: a table that is too short is an error") {
  CHECK(petra_test::thrown<petra::shape_error>([] {
          petra::deploy::to_graph(sequential{positions<4, 3>{}}, {5, 3});
        }) == "0: expected at most 4 steps of 3 channels, found 5 of 3");
}

TEST_CASE("lowered positions: headers compile alone") {
  petra::random r(5);
  auto const x = petra_test::noise({6, 7, 5}, r);
  auto const m = placed(positions<9, 12>{}, 4);
  alike::check_header(alike::check_float(m, x), x, "positions_f32");
  alike::check_header(alike::check_int8(m, x), x, "positions_s8");
}
