#include "petra/grad/ops/gru.hpp"

#include <doctest/doctest.h>

#include "petra/core/random.hpp"
#include "petra/kernel/reference/gru.hpp"

// Gradients: tests/grad/rules.test.cpp; directions and lengths: recurrent.test.cpp.
TEST_CASE("gru op: weights and biases are those of the layer that ships") {
  petra::index_t const g = 3;
  auto draw = [](petra::index_t n, std::uint64_t key) {
    petra::random r(key);
    std::vector<double> v(static_cast<std::size_t>(n));
    for (double& x : v) x = static_cast<double>(r.normal());
    return v;
  };
  auto const x = draw(4 * 2, 1), w = draw(g * 3 * 2, 2), u = draw(g * 3 * 3, 3), ib = draw(g * 3, 4);
  std::vector<double> sb = draw(g * 3, 5), zero(3), want(12);
  petra::kernel::gru(petra::kernel::scalar_tag{}, {4, 2, 3}, x.data(), zero.data(), w.data(), u.data(), ib.data(),
                     sb.data(), want.data());
  petra::tape<double> t;
  petra::var const y =
      petra::ops::gru(t, t.constant({1, 4, 2}, x.data()), t.constant({g * 3, 2}, w.data()),
                      t.constant({g * 3, 3}, u.data()), t.constant({1, 9}, ib.data()), t.constant({1, 9}, sb.data()));
  CHECK(t.shape(y) == petra::shape(1, 4, 3));
  for (petra::index_t i = 0; i < 12; ++i)
    CHECK(t.value(y)[i] == doctest::Approx(want[static_cast<std::size_t>(i)]).epsilon(1e-12));
}
