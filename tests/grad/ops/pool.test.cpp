#include "petra/grad/ops/pool.hpp"

#include <doctest/doctest.h>

#include "../../thrown.hpp"
#include "petra/grad/ops/matmul.hpp"
#include "petra/grad/ops/reshape.hpp"

using petra::index_t;
using petra::tape;
using petra::tensor;
using petra::var;

namespace {

// 1x3x4x1: rows 1 2 3 4 | 5 6 7 8 | 9 10 11 12
tensor<float> counting() {
  tensor<float> x({1, 3, 4, 1});
  for (index_t i = 0; i < 12; ++i) x[i] = static_cast<float>(i + 1);
  return x;
}

// Gradient of sum_i (i + 1) y_i.
template <class Pool>
std::vector<float> gradient(Pool pool) {
  tape<float> t;
  tensor<float> const x = counting();
  var const v = t.variable(x.shape(), x.data());
  var const y = pool(t, v);
  index_t const n = t.shape(y).count();
  std::vector<float> w(static_cast<std::size_t>(n));
  for (index_t i = 0; i < n; ++i) w[static_cast<std::size_t>(i)] = static_cast<float>(i + 1);
  t.backward(petra::ops::matmul(t, petra::ops::reshape(t, y, {1, n}), t.constant({1, n}, w.data())));
  return {t[v].grad, t[v].grad + 12};
}

}  // namespace

TEST_CASE("max_pool: values and gradient by hand") {
  tape<float> t;
  tensor<float> const x = counting();
  var const y = petra::ops::max_pool(t, t.constant(x), {2, 2, 0});
  CHECK(t.shape(y) == petra::shape(1, 1, 2, 1));
  CHECK(t.value(y)[0] == 6);
  CHECK(t.value(y)[1] == 8);
  // Windows that overlap: 12 is the largest of the last two.
  auto const g = gradient([](tape<float>& tp, var v) { return petra::ops::max_pool(tp, v, {3, 1, 1}); });
  float const wanted[] = {0, 0, 0, 0, 0, 1, 2, 3 + 4, 0, 5 + 9, 6 + 10, 7 + 8 + 11 + 12};
  for (std::size_t i = 0; i < 12; ++i) CHECK(g[i] == wanted[i]);
}

TEST_CASE("avg_pool: counts only what lies inside the picture") {
  tape<float> t;
  tensor<float> const x = counting();
  var const y = petra::ops::avg_pool(t, t.constant(x), {3, 2, 1});
  CHECK(t.shape(y) == petra::shape(1, 2, 2, 1));
  CHECK(t.value(y)[0] == (1 + 2 + 5 + 6) / 4.f);
  CHECK(t.value(y)[1] == (2 + 3 + 4 + 6 + 7 + 8) / 6.f);
  auto const g = gradient([](tape<float>& tp, var v) { return petra::ops::avg_pool(tp, v, {3, 2, 1}); });
  CHECK(g[0] == doctest::Approx(1 / 4.));
  CHECK(g[1] == doctest::Approx(1 / 4. + 2 / 6.));
  CHECK(g[6] == doctest::Approx(2 / 6. + 4 / 6.));
}

TEST_CASE("avg_pool: kernel 0 is the whole map, whatever its sides") {
  tape<float> t;
  tensor<float> const x({1, 1, 3, 2}, {1, 10, 2, 20, 3, 30});
  var const y = petra::ops::avg_pool(t, t.constant(x), {.kernel = 0});
  CHECK(t.shape(y) == petra::shape(1, 1, 1, 2));
  CHECK(t.value(y)[0] == 2);
  CHECK(t.value(y)[1] == 20);
}

TEST_CASE("pool: a window that does not fit is an error") {
  tape<float> t;
  tensor<float> const small({1, 2, 5, 1}), flat({3, 4});
  auto pool = [&](tensor<float> const& x, petra::ops::pool_settings s) {
    return petra_test::thrown<petra::shape_error>([&] { petra::ops::max_pool(t, t.constant(x), s); });
  };
  CHECK(pool(small, {3, 1, 0}) == "max_pool: expected (N,H,W,C) of at least 3 pixels a side, found 4 axes, 2 x 5");
  CHECK(petra_test::says(pool(small, {3, 3, 0}), "at least 3 pixels"));  // (2 - 3) / 3 + 1 is 1 in integers
  CHECK(pool(small, {4, 1, 1}) == "no exception");
  CHECK(petra_test::says(pool(flat, {2, 2, 0}), "found 2 axes"));
  CHECK(petra_test::says(
      petra_test::thrown<petra::shape_error>([&] { petra::ops::avg_pool(t, t.constant(flat), {.kernel = 0}); }),
      "avg_pool: "));
}
