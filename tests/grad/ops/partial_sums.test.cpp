#include "petra/grad/ops/partial_sums.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "petra/grad/ops/add.hpp"
#include "petra/grad/ops/matmul.hpp"
#include "petra/grad/ops/reshape.hpp"

using petra::index_t;
using petra::tape;
using petra::var;

namespace {

// The gradient of w in a product with 40 rows of 1024 numbers, three pieces, and in another with two rows, one piece.
std::vector<float> gradient_of_two_uses(bool backwards) {
  tape<float> t;
  if (backwards)
    t.workers = {1, nullptr, [](void const*, index_t n, void const* task, petra::workers::piece_function f) {
                   for (index_t i = n; i-- > 0;) f(task, i, 0);
                 }};
  index_t const rows = 40, in = 1024;
  std::vector<float> x(static_cast<std::size_t>(rows * in)), weight(static_cast<std::size_t>(in));
  petra::random r(3);
  for (float& v : x) v = r.normal();
  for (float& v : weight) v = r.normal();
  var const w = t.variable({1, in}, weight.data());
  std::vector<float> const ones(static_cast<std::size_t>(rows), 1.f);
  auto const sum_of = [&](index_t n) {
    var const y = petra::ops::matmul(t, t.constant({n, in}, x.data()), w);  // (n,1)
    return petra::ops::matmul(t, petra::ops::reshape(t, y, {1, n}), t.constant({1, n}, ones.data()));
  };
  t.backward(petra::ops::add(t, sum_of(rows), sum_of(2)));
  REQUIRE(t[w].grad != nullptr);
  for (index_t j = 0; j < in; ++j) {
    double exact = 0, bound = 0;
    for (index_t i = 0; i < rows; ++i) {
      double const v = static_cast<double>(x[static_cast<std::size_t>(i * in + j)]) * (i < 2 ? 2 : 1);
      exact += v;
      bound += std::abs(v);
    }
    CHECK(std::abs(static_cast<double>(t[w].grad[j]) - exact) <= 44 * 1.2e-7 * bound);
  }
  return {t[w].grad, t[w].grad + in};
}

}  // namespace

TEST_CASE("partial_sums: the gradient of a weight used twice is the sum, the same bits in any order of the pieces") {
  CHECK(gradient_of_two_uses(false) == gradient_of_two_uses(true));
}
