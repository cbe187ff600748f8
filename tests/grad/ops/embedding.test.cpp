#include "petra/grad/ops/embedding.hpp"

#include <doctest/doctest.h>

#include "../../thrown.hpp"
#include "../worker_counts.hpp"

namespace {

using petra::index_t;
using petra::tape;
using petra::var;
using petra::ops::lookup;

float const embedding_table[] = {9, 9, 1, 2, 3, 4, 5, 6};  // (4,2); row 0 is never seen

}  // namespace

// Gradients: tests/grad/rules.test.cpp.
TEST_CASE("embedding: rows by id, zeros for id 0 and behind the end") {
  tape<float> t;
  float const ids[] = {2, 0, 3, 1, 1, 2};
  std::int32_t const length[] = {3, 1};
  var const x = t.constant({2, 3, 1}, ids);
  t.set_length(x, length);
  var const y = petra::ops::embedding(t, x, lookup{0, t.constant({4, 2}, embedding_table)});
  CHECK(t.shape(y) == petra::shape(2, 3, 2));
  CHECK(t.length(y) == length);
  float const want[] = {3, 4, 0, 0, 5, 6, /**/ 1, 2, 0, 0, 0, 0};
  for (int i = 0; i < 12; ++i) CHECK(t.value(y)[i] == want[i]);
}

TEST_CASE("embedding: columns side by side: what was looked up before, tables, numbers") {
  tape<float> t;
  float const x[] = {1, 0.5f, 3, -7};  // id, number, id, number
  float const other[] = {0, 10, 20, 30};
  var const ids = t.variable({1, 1, 4}, x), table = t.variable({4, 2}, embedding_table);
  var const first = petra::ops::embedding(t, ids, lookup{0, table});
  index_t const numbers[] = {3, 1};
  lookup const more[] = {{2, t.constant({4, 1}, other)}, {2, table}};
  var const y = petra::ops::embedding(t, ids, std::span<lookup const>(more), numbers, 2, first);
  CHECK(t.shape(y) == petra::shape(1, 1, 7));
  float const want[] = {1, 2, 30, 5, 6, -7, 0.5f};
  for (int i = 0; i < 7; ++i) CHECK(t.value(y)[i] == want[i]);
  // Only numbers that were passed on have a gradient in x.
  struct total {
    void forward(tape<float>&, petra::node<float> const& n) const { *n.value = 0; }
    void pullback(tape<float>& tp, petra::node<float> const& n) const {
      for (int i = 0; i < 7; ++i) tp.add_to(n.in[0])[i] += static_cast<float>(i + 1);
    }
  };
  t.backward(t.push(total{}, {1}, {y}));
  float const dx[] = {0, 7, 0, 6}, dtable[] = {0, 0, 1, 2, 0, 0, 4, 5};
  for (int i = 0; i < 4; ++i) CHECK(t[ids].grad[i] == dx[i]);
  for (int i = 0; i < 8; ++i) CHECK(t[table].grad[i] == dtable[i]);
}

TEST_CASE("embedding: a wrong id names its record; wrong shapes are errors") {
  auto message = [](float id) {
    tape<float> t;
    float const ids[] = {1, 1, 1, 1, 1, id};
    return petra_test::thrown<petra::shape_error>([&] {
      petra::ops::embedding(t, t.constant({2, 3, 1}, ids), lookup{0, t.constant({4, 2}, embedding_table)});
    });
  };
  for (float const id : {4.f, -1.f, 1.5f, NAN, INFINITY})
    CHECK(petra_test::says(message(id), "expected a whole id in [0, 4)", "record 1 of the batch, step 2, column 0"));
  CHECK(message(3) == "no exception");
  tape<float> t;
  float const x[4] = {};
  var const table = t.constant({2, 2}, x);
  CHECK(petra_test::says(petra_test::thrown<petra::shape_error>([&] {
                           petra::ops::embedding(t, table, lookup{0, table});
                         }),
                         "found 2 axes"));
  CHECK(petra_test::says(petra_test::thrown<petra::shape_error>([&] {
                           petra::ops::embedding(t, t.constant({1, 2, 2}, x), lookup{2, table});
                         }),
                         "expected column 2, found 2 columns"));
}
