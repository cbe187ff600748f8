#include "petra/nn/weight/one_of.hpp"

#include <doctest/doctest.h>

#include "petra/nn/weight/full.hpp"
#include "petra/nn/weight/low_rank.hpp"

using namespace petra::nn;
using petra::index_t;
using petra::tensor;

namespace {

using choice = one_of<full<>, low_rank<>>;

full<> matrix() {
  full<> w;
  w.a.w = tensor<float>({2, 2}, {1, 2, 3, 4});
  return w;
}
low_rank<> factors() {
  low_rank<> w;
  w.u.w = tensor<float>({2, 1}, {1, 2});
  w.v.w = tensor<float>({1, 2}, {3, 4});
  return w;
}

}  // namespace

TEST_CASE("one_of: does what it holds does") {
  choice a = matrix(), b = factors();
  CHECK(a.effective() == tensor<float>({2, 2}, {1, 2, 3, 4}));
  CHECK(b.effective() == tensor<float>({2, 2}, {3, 4, 6, 8}));
  index_t const second[] = {1};
  CHECK(a.keep_rows(second).effective() == tensor<float>({1, 2}, {3, 4}));
  CHECK(b.keep_cols(second).effective() == tensor<float>({2, 1}, {4, 8}));
  CHECK(b.keep_cols(second).index() == 1);
  b.scale_rows(tensor<float>({1, 2}, {1, 10}));
  CHECK(b.effective() == tensor<float>({2, 2}, {3, 4, 60, 80}));
  CHECK(&b.row_factor() == &b.as<1>().u.w);
  std::string names;
  b.members([&](char const* name, auto&) { names += name; });
  CHECK(names == "vu");
}

TEST_CASE("one_of: the slots of a leaf") {
  one_of<no_mask, mask> slot;
  tensor<float> w({1, 2}, {5, 6});
  slot.apply_to(w);
  CHECK(w[0] == 5);
  slot = mask{tensor<float>({1, 2}, {0, 1})};
  slot.apply_to(w);
  CHECK(w == tensor<float>({1, 2}, {0, 6}));
  petra::tape<float> t;
  CHECK(t.value(slot.weight(t, t.constant(w)))[1] == 6);
}

TEST_CASE("one_of: from a narrower choice, wherever the held one stands in it") {
  one_of<low_rank<>> const narrow = factors();
  choice const wide = narrow;
  CHECK(wide.index() == 1);
  CHECK(wide.effective() == narrow.effective());
}

static_assert(!std::is_constructible_v<choice, no_mask>);

TEST_CASE("one_of: matrix and observe reach what is held") {
  choice a = matrix(), b = factors();
  petra::tape<float> t;
  t.observing = true;
  petra::var const whole = a.matrix(t), product = b.matrix(t);
  for (index_t i = 0; i < 4; ++i) CHECK(t.value(whole)[i] == matrix().effective()[i]);
  for (index_t i = 0; i < 4; ++i) CHECK(t.value(product)[i] == factors().effective()[i]);
  tensor<float> const y({1, 1}, {7});
  b.observe(t, t.constant(y));
  CHECK(b.as<1>().v.seen.hi == 7);
}
