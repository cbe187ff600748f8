#include "petra/grad/ops/layer_norm.hpp"

#include <doctest/doctest.h>

#include "../../thrown.hpp"
#include "../worker_counts.hpp"

// Gradients: tests/grad/rules.test.cpp.
TEST_CASE("layer_norm op: rows by hand") {
  petra::tape<float> t;
  float const x[] = {4, 6, -1, 5}, gamma[] = {2, 3}, beta[] = {10, 20};
  petra::var const y =
      petra::ops::layer_norm(t, t.constant({1, 2, 2}, x), t.constant({1, 2}, gamma), t.constant({1, 2}, beta), 7.f);
  float const inv = 1 / std::sqrt(8.f), want[] = {10 - 2 * inv, 20 + 3 * inv, 10 - 2 * 0.75f, 20 + 3 * 0.75f};
  for (int i = 0; i < 4; ++i) CHECK(t.value(y)[i] == doctest::Approx(want[i]));
}

TEST_CASE("layer_norm op: a single row of one axis") {
  petra::tape<float> t;
  float const x[] = {4, 6}, gamma[] = {2, 3}, beta[] = {10, 20};
  petra::var const y =
      petra::ops::layer_norm(t, t.constant({2}, x), t.constant({2}, gamma), t.constant({2}, beta), 7.f);
  float const inv = 1 / std::sqrt(8.f);
  CHECK(t.value(y)[0] == doctest::Approx(10 - 2 * inv));
  CHECK(t.value(y)[1] == doctest::Approx(20 + 3 * inv));
}

TEST_CASE("layer_norm op: the same bits on any number of workers") {
  CHECK(petra_test::same_on_any_workers([](petra::tape<float>& t) {
    petra::random r(3);
    return petra::ops::layer_norm(t, petra::ops::draw(t, r, {100, 9, 64}), petra::ops::draw(t, r, {1, 64}),
                                  petra::ops::draw(t, r, {1, 64}));
  }));
}

TEST_CASE("layer_norm op: another number of channels is an error") {
  petra::tape<float> t;
  float const x[6] = {};
  petra::var const three = t.constant({1, 3}, x), two = t.constant({1, 2}, x);
  CHECK(petra_test::thrown<petra::shape_error>([&] { petra::ops::layer_norm(t, three, three, two); }) ==
        "layer_norm: expected 2 channels, found 3");
}
