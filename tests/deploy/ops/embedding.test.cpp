#include "petra/deploy/ops/embedding.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "../alike.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/flatten.hpp"
#include "petra/nn/sequential.hpp"

using namespace petra::nn;
using petra::index_t;
using petra::tensor;

namespace {

// Sequences (N,L,2) of lengths 0 .. L: an id of `ids` and a number.
tensor<float> padded_events(index_t n, index_t steps, index_t ids) {
  petra::random r(7);
  tensor<float> x({n, steps, 2});
  for (index_t i = 0; i < n; ++i)
    for (index_t t = 0; t < (n - 1 - i) * steps / (n - 1); ++t) {
      x(i, 2 * t) = static_cast<float>(r.index(ids));
      x(i, 2 * t + 1) = 0.5f + r.normal();
    }
  return x;
}
tensor<float> ids_of(tensor<float> const& events) {
  tensor<float> x({events.shape()[0], events.shape()[1], 1});
  for (index_t i = 0; i < x.size(); ++i) x[i] = events[2 * i];
  return x;
}

template <class Weight>
event_embedding<Weight> two_tables() {
  petra::random r(3);
  std::vector<Weight> tables(1);
  petra_test::fill(tables[0], 6, 5, 2, r);
  return {{{}, {6, 5}}, std::move(tables)};
}
// The columns of `padded_events`, the number first.
tensor<float> number_first(tensor<float> x) {
  for (index_t i = 0; i < x.size(); i += 2) std::swap(x[i], x[i + 1]);
  return x;
}

}  // namespace

TEST_CASE("lowered embedding: rows of the table, zeros for id 0 and padding") {
  embedding<6, 3> layer;
  alike::randomize(layer);
  auto const x = ids_of(padded_events(5, 7, 6));
  alike::check_float(layer, x, 1e-7);
}

TEST_CASE("lowered embedding: masks and factors are multiplied out") {
  embedding<6, 5, low_rank<leaf<mask>>> layer;
  petra::random r(4);
  petra_test::fill(layer.table_weight, 6, 5, 2, r);
  alike::check_float(layer, ids_of(padded_events(4, 6, 6)));
  alike::check_float(two_tables<full<leaf<mask>>>(), number_first(padded_events(4, 6, 6)));
}

TEST_CASE("lowered event_embedding: tables, then numbers, in float and on the readers' grid") {
  event_embedding<> layer({{}, {6, 4}, {}, {3, 2}});
  petra::random r(5);
  for (auto& t : layer.tables)
    for (float& v : t.a.w) v = r.normal();
  tensor<float> x({6, 5, 4});
  for (index_t i = 0; i < 6; ++i)
    for (index_t t = 0; t < i; ++t) {
      float const step[] = {r.normal(), static_cast<float>(r.index(6)), 3 * r.normal(), static_cast<float>(r.index(3))};
      std::copy_n(step, 4, x.data() + (i * 5 + t) * 4);
    }
  alike::check_float(layer, x, 1e-7);
  auto model = sequential{std::move(layer), flatten{}, dense<5 * 8, 3>{}};
  alike::randomize(model, 0.4f);
  alike::check_header(alike::check_float(model, x), x, "embed_f32");
  auto const p = alike::check_int8(model, x, 1e-4);  // the same grids in training: no more than sums in another order
  CHECK(p.is_bit_exact());
  alike::check_header(p, x, "embed_s8");
}

TEST_CASE("lowered embedding: tables of low rank whose factors have grids") {
  sequential model{two_tables<low_rank<>>(), flatten{}, dense<7 * 6, 2>{}};
  alike::randomize(get<2>(model.layers), 0.4f);
  CHECK(alike::check_int8(model, number_first(padded_events(6, 7, 6)), 1e-4).is_bit_exact());
}

TEST_CASE("lowered embedding: any float is safe as an id; what is not in the table is padding") {
  sequential model{embedding<4, 3>{}, flatten{}, dense<9 * 3, 2>{}};
  alike::randomize(model);
  constexpr float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  tensor<float> const odd({1, 9, 1}, {nan, inf, -inf, -1, 4, 1e30f, -1e30f, 3.9f, 0.5f});
  tensor<float> const meant({1, 9, 1}, {0, 0, 0, 0, 0, 0, 0, 3, 0});
  auto const p = alike::check_float(model, meant);
  CHECK(alike::outputs_of(p, odd) == alike::outputs_of(p, meant));
  auto const q = alike::check_int8(model, meant);
  CHECK(alike::outputs_of(q, odd) == alike::outputs_of(q, meant));
}

TEST_CASE("lowered embedding: other columns are a shape_error") {
  CHECK_THROWS_AS(petra::deploy::lower(embedding<4, 3>{}, petra::shape(5, 2)), petra::shape_error);
}
