#include "petra/grad/bf16.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "petra/grad/ops/conv2d.hpp"
#include "petra/grad/ops/matmul.hpp"
#include "petra/grad/ops/mse.hpp"
#include "petra/grad/ops/reshape.hpp"

using petra::index_t;
using petra::tape;
using petra::var;

namespace {

// A network of one convolution (`groups`) and one product: its output and the gradients of all that it was made from.
std::vector<std::vector<float>> pass(petra::products const* bf16, index_t groups, bool narrow_input) {
  tape<float> t;
  t.bf16 = bf16;
  petra::random r(6);
  auto const leaf = [&](petra::shape s) {
    std::vector<float> v(static_cast<std::size_t>(s.count()));
    for (float& e : v) {
      e = r.normal();
      // What bf16 holds is not rounded.
      if (narrow_input) e = petra::kernel::to_float(petra::kernel::to_bf16(e));
    }
    return t.variable(s, v.data());
  };
  index_t const c = 8, o = 16, n = 9;
  var const x = leaf({n, 10, 9, c}), w = leaf({o, 9 * c / groups}), b = leaf({1, o}), u = leaf({3, 5 * 5 * o}),
            d = leaf({1, 3});
  var const y = petra::ops::conv2d(t, x, w, b, {3, 2, 1, groups});
  var const z = petra::ops::matmul(t, petra::ops::reshape(t, y, {n, 5 * 5 * o}), u, d);
  std::vector<float> const zeros(static_cast<std::size_t>(n * 3));
  t.backward(petra::ops::mse(t, z, t.constant({n, 3}, zeros.data())));
  std::vector<std::vector<float>> all{{t.value(y), t.value(y) + t.shape(y).count()},
                                      {t.value(z), t.value(z) + t.shape(z).count()}};
  for (var const v : {x, w, b, u, d}) all.emplace_back(t[v].grad, t[v].grad + t.shape(v).count());
  return all;
}

}  // namespace

TEST_CASE("bf16: a convolution and a product are as near to float as the rounding of their operands is") {
  for (index_t const groups : {1, 8}) {
    auto const exact = pass(nullptr, groups, false), got = pass(&petra::bf16_products<>, groups, false);
    bool rounded = false;
    for (std::size_t i = 0; i < exact.size(); ++i) {
      CAPTURE(groups);
      CAPTURE(i);
      double off = 0, size = 0;
      for (std::size_t e = 0; e < exact[i].size(); ++e) {
        off += std::pow(static_cast<double>(got[i][e]) - static_cast<double>(exact[i][e]), 2);
        size += std::pow(static_cast<double>(exact[i][e]), 2);
      }
      CHECK(std::sqrt(off / size) < 0.01);  // an operand is off by at most 2^-9
      rounded = rounded || off > 0;
    }
    CHECK(rounded);
  }
}

TEST_CASE("bf16: operands that bf16 holds are multiplied exactly") {
  auto const exact = pass(nullptr, 1, true), got = pass(&petra::bf16_products<>, 1, true);
  for (std::size_t e = 0; e < exact[0].size(); ++e)
    CHECK(got[0][e] == doctest::Approx(exact[0][e]).epsilon(1e-5).scale(10));
}
