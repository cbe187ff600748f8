#include "petra/nn/weight/low_rank.hpp"

#include <doctest/doctest.h>

using namespace petra::nn;
using petra::index_t;
using petra::tensor;

namespace {

// u (3,2) . v (2,2) = (1 2 | 3 4 | 4 6)
low_rank<> factors() {
  low_rank<> w;
  w.u.w = tensor<float>({3, 2}, {1, 0, 0, 1, 1, 1});
  w.v.w = tensor<float>({2, 2}, {1, 2, 3, 4});
  return w;
}

}  // namespace

TEST_CASE("low_rank: the effective matrix is the product") {
  CHECK(factors().effective() == tensor<float>({3, 2}, {1, 2, 3, 4, 4, 6}));
}

TEST_CASE("low_rank: output channels are rows of u, inputs are columns of v") {
  index_t const rows[] = {0, 2}, cols[] = {1};
  auto const r = factors().keep_rows(rows), c = factors().keep_cols(cols);
  CHECK(r.effective() == tensor<float>({2, 2}, {1, 2, 4, 6}));
  CHECK(r.v.w == factors().v.w);
  CHECK(c.effective() == tensor<float>({3, 1}, {2, 4, 6}));
  CHECK(c.u.w == factors().u.w);
  auto w = factors();
  CHECK(&w.row_factor() == &w.u.w);
  w.scale_rows(tensor<float>({1, 3}, {1, 10, 100}));
  CHECK(w.effective() == tensor<float>({3, 2}, {1, 2, 30, 40, 400, 600}));
}

TEST_CASE("low_rank: masks of the factors count") {
  low_rank<leaf<mask>> w;
  w.u.w = tensor<float>({1, 2}, {1, 1});
  w.u.mask_slot.keep = tensor<float>({1, 2}, {1, 0});
  w.v.w = tensor<float>({2, 2}, {1, 2, 3, 4});
  w.v.mask_slot.keep = tensor<float>({2, 2}, {0, 1, 1, 1});
  CHECK(w.effective() == tensor<float>({1, 2}, {0, 2}));
}

TEST_CASE("low_rank: its matrix on the tape is the product of the factors, and both learn") {
  auto w = factors();
  petra::tape<float> t;
  t.observing = true;
  petra::var const m = w.matrix(t);
  CHECK(t.shape(m) == petra::shape(3, 2));
  for (index_t i = 0; i < 6; ++i) CHECK(t.value(m)[i] == factors().effective()[i]);
  CHECK(t[t[m].in[0]].parameter == &w.u.w);
  CHECK(t[t[m].in[1]].parameter == &w.v.w);
  tensor<float> const x({1, 2}, {-1, 4}), y({1, 1}, {7});
  w.input(t, t.constant(x));
  CHECK(w.v.seen.lo == -1);
  w.observe(t, t.constant(y));
  CHECK(w.v.seen.hi == 7);
}
