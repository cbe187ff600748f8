#include "petra/nn/positions.hpp"

#include <doctest/doctest.h>

#include "../thrown.hpp"
#include "filled.hpp"

using petra::tensor;

TEST_CASE("positions layer: a learned row for each place, zero at first") {
  petra::nn::positions<3, 2> layer;
  tensor<float> const x({1, 2, 2}, {1, 2, 3, 4});
  CHECK(petra_test::value_of(layer, x) == x);
  layer.table = tensor<float>({3, 2}, {10, 20, 30, 40, 50, 60});
  CHECK(petra_test::value_of(layer, x) == tensor<float>({1, 2, 2}, {11, 22, 33, 44}));
  CHECK(petra_test::gradient_error_of(layer, {2, 3, 2}) < 1e-6);
  CHECK(petra_test::says(petra_test::thrown<petra::shape_error>([&] {
                           petra_test::value_of(layer, tensor<float>({1, 4, 2}));
                         }),
                         "at least 4 places"));
  petra::nn::positions<petra::dyn, 2> const open;
  CHECK(open.table.empty());
}

TEST_CASE("sine_positions: sines and cosines; a longer sequence has the same places") {
  petra::nn::sine_positions layer;
  auto const y = petra_test::value_of(layer, tensor<float>({1, 3, 4}));
  for (petra::index_t p = 0; p < 3; ++p) {
    float const place = static_cast<float>(p), *const row = y.data() + p * 4;
    CHECK(row[0] == doctest::Approx(std::sin(place)));
    CHECK(row[1] == doctest::Approx(std::cos(place)));
    CHECK(row[2] == doctest::Approx(std::sin(place / 100)));
    CHECK(row[3] == doctest::Approx(std::cos(place / 100)));
  }
  auto const longer = petra_test::value_of(layer, tensor<float>({1, 7, 4}));
  CHECK(std::equal(y.begin(), y.end(), longer.begin()));
  for (auto const& m : petra::nn::members_of(layer)) CHECK(m.tensor == nullptr);  // nothing to learn
}
