#include "petra/data/sequences.hpp"

#include <doctest/doctest.h>

#include "petra/data/batch.hpp"

using namespace petra::data;
using petra::index_t;

namespace {

// Lengths 1, 3 and 2; an id and a number a step.
labeled_sequences three() {
  labeled_sequences s;
  s.x = {2, 10, 3, 20, 4, 30, 5, 40, 6, 50, 7, 60};
  s.start = {0, 1, 4, 6};
  s.columns = {{.name = "kind", .ids = 8}, {.name = "amount"}};
  s.length = 2;
  s.y = {0, 1, 1};
  s.class_count = 2;
  return s;
}

std::vector<float> sample(sequences const& s, index_t i) {
  std::vector<float> out(static_cast<std::size_t>(s.sample_shape().count()), -1.f);
  s.read(i, out.data());
  return out;
}

}  // namespace

TEST_CASE("sequences: a short one is padded behind, a long one keeps its last or its first steps") {
  auto s = three();
  CHECK(s.size() == 3);
  CHECK(s.sample_shape() == petra::shape(2, 2));
  CHECK(s.steps(1) == 3);
  CHECK(sample(s, 0) == std::vector<float>{2, 10, 0, 0});
  CHECK(sample(s, 1) == std::vector<float>{4, 30, 5, 40});
  CHECK(sample(s, 2) == std::vector<float>{6, 50, 7, 60});
  s.keep_last = false;
  CHECK(sample(s, 1) == std::vector<float>{3, 20, 4, 30});
}

TEST_CASE("sequences: numbers are normalized, ids and padding are not") {
  auto s = three();
  fit_columns(s);
  CHECK(s.columns[0] == column{.name = "kind", .ids = 8});
  CHECK(s.columns[1].mean == doctest::Approx(35));
  CHECK(s.columns[1].deviation == doctest::Approx(17.0783));
  auto const out = sample(s, 0);
  CHECK(out[0] == 2);
  CHECK(out[1] == doctest::Approx((10 - 35) / 17.0783));
  CHECK(out[2] == 0);
  CHECK(out[3] == 0);
}

TEST_CASE("sequences: a column that never varies becomes 0, and nothing to fit is an error") {
  auto s = three();
  for (std::size_t i = 1; i < s.x.size(); i += 2) s.x[i] = 7;
  fit_columns(s);
  CHECK(sample(s, 1)[1] == 0);
  sequences none;
  none.columns.resize(1);
  CHECK_THROWS_WITH_AS(fit_columns(none), "fit_columns: expected at least one step, found none", petra::setting_error);
}

TEST_CASE("sequences: batches have classes or numbers to predict") {
  auto const s = three();
  std::vector<index_t> const order{2, 0};
  float x[8];
  std::int32_t y[2];
  fill_batch(s, order, 0, 2, x, y);
  CHECK(y[0] == 1);
  CHECK(y[1] == 0);
  CHECK(x[0] == 6);
  CHECK(x[4] == 2);
  CHECK(outputs(s) == 2);

  target_sequences t;
  static_cast<sequences&>(t) = s;
  t.y = {1, 2, 3, 4, 5, 6};
  t.target_count = 2;
  float z[4];
  fill_batch(t, order, 0, 2, x, z);
  CHECK(std::vector<float>(z, z + 4) == std::vector<float>{5, 6, 1, 2});
  CHECK(outputs(t) == 2);
  auto const before = dataset_hash(t);
  t.y[5] = 7;
  CHECK(dataset_hash(t) != before);
}
