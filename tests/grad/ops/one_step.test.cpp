#include "petra/grad/ops/one_step.hpp"

#include <doctest/doctest.h>

#include "../../thrown.hpp"

// Gradients: tests/grad/rules.test.cpp.
TEST_CASE("one_step: the first, and the last that is no padding; zeros without steps") {
  petra::tape<float> t;
  float const x[] = {1, 2, 3, 4, /**/ 5, 6, 7, 8, /**/ 9, 10, 11, 12};
  std::int32_t const length[] = {1, 0, 2};
  petra::var const v = t.constant({3, 2, 2}, x);
  auto check = [&](bool last, std::initializer_list<float> want) {
    petra::var const y = petra::ops::one_step(t, v, last);
    CHECK(t.shape(y) == petra::shape(3, 2));
    CHECK(std::equal(want.begin(), want.end(), t.value(y)));
  };
  check(false, {1, 2, 5, 6, 9, 10});
  check(true, {3, 4, 7, 8, 11, 12});
  t.set_length(v, length);
  check(false, {1, 2, 0, 0, 9, 10});
  check(true, {1, 2, 0, 0, 11, 12});
  CHECK(petra_test::thrown<petra::shape_error>([&] {
          petra::ops::one_step(t, t.constant({6, 2}, x), true);
        }) == "last_step: expected sequences (N,L,C), found 2 axes");
}
