#include "petra/nn/weight/full.hpp"

#include <doctest/doctest.h>

using namespace petra::nn;
using petra::index_t;
using petra::tensor;

TEST_CASE("full: one matrix, its rows and columns") {
  full<> w;
  w.a.w = tensor<float>({3, 2}, {1, 2, 3, 4, 5, 6});
  index_t const rows[] = {0, 2}, cols[] = {1};
  CHECK(w.keep_rows(rows).a.w == tensor<float>({2, 2}, {1, 2, 5, 6}));
  CHECK(w.keep_cols(cols).a.w == tensor<float>({3, 1}, {2, 4, 6}));
  CHECK(w.effective() == w.a.w);
  CHECK(&w.row_factor() == &w.a.w);
  w.scale_rows(tensor<float>({1, 3}, {1, 10, 100}));
  CHECK(w.a.w == tensor<float>({3, 2}, {1, 2, 30, 40, 500, 600}));
}

TEST_CASE("full: map replaces the leaf") {
  full<> w;
  w.a.w = tensor<float>({1, 1}, {7});
  auto const masked = w.map([](leaf<> const& l) {
    return leaf<mask>{l.w, mask{tensor<float>({1, 1}, {0})}, {}, l.seen, l.frozen};
  });
  static_assert(std::same_as<decltype(masked), full<leaf<mask>> const>);
  CHECK(masked.a.w[0] == 7);
  CHECK(masked.effective()[0] == 0);
}

TEST_CASE("full: its matrix on the tape, its input, what it observes: those of the leaf") {
  full<leaf<mask>> w;
  w.a.w = tensor<float>({1, 2}, {2, 3});
  w.a.mask_slot.keep = tensor<float>({1, 2}, {0, 1});
  tensor<float> const x({1, 2}, {-5, 6});
  petra::tape<float> t;
  t.observing = true;
  petra::var const m = w.matrix(t), in = w.input(t, t.constant(x));
  CHECK(t.value(m)[0] == 0);
  CHECK(t.value(m)[1] == 3);
  CHECK(t.value(in) == x.data());
  CHECK(w.a.seen.lo == -5);
  tensor<float> const y({1, 1}, {9});
  w.observe(t, t.constant(y));
  CHECK(w.a.seen.hi == 9);
}
