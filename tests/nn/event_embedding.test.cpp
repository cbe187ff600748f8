#include "petra/nn/event_embedding.hpp"

#include <doctest/doctest.h>

#include "../thrown.hpp"
#include "filled.hpp"
#include "petra/nn/initialize.hpp"

using namespace petra::nn;
using petra::index_t;
using petra::tensor;

TEST_CASE("event_embedding: vectors of the ids, then the numbers; lengths by rows of zeros") {
  event_embedding<> layer({{3, 2}, {}, {2, 1}, {}});
  REQUIRE(layer.width() == 5);
  REQUIRE(layer.tables.size() == 2);
  layer.tables[0].a.w = tensor<float>({3, 2}, {9, 9, 1, 2, 3, 4});
  layer.tables[1].a.w = tensor<float>({2, 1}, {9, 5});
  tensor<float> const x({2, 2, 4}, {2, 0.5f, 0, -1, 0, 0, 1, 0, /**/ 1, 0, 0, 0, 0, 0, 0, 0});
  CHECK(petra_test::value_of(layer, x) ==
        tensor<float>({2, 2, 5}, {3, 4, 0, 0.5f, -1, 0, 0, 5, 0, 0, /**/ 1, 2, 0, 0, 0, 0, 0, 0, 0, 0}));
  petra::tape<float> t;
  petra::var const y = layer.forward(t, t.constant(x));
  CHECK(t.length(y)[0] == 2);
  CHECK(t.length(y)[1] == 1);
}

TEST_CASE("event_embedding: any number of tables, in the order of their columns; gradients of all") {
  for (index_t const tables : {0, 1, 3, 4, 5, 8, 9}) {
    std::vector<event_column> columns;
    for (index_t j = 0; j < tables; ++j) columns.push_back({3, 1 + j % 2});
    columns.push_back({});
    auto layer = initialize(event_embedding<>(columns), 1);
    tensor<float> x({2, 2, tables + 1});
    petra::random r(2);
    for (index_t i = 0; i < x.size(); ++i) x[i] = i % (tables + 1) == tables ? 2.f : static_cast<float>(r.index(3));
    auto const y = petra_test::value_of(layer, x);
    for (index_t row = 0; row < 4; ++row) {
      index_t at = row * layer.width();
      for (index_t j = 0; j < tables; ++j) {
        auto const& w = layer.tables[static_cast<std::size_t>(j)].a.w;
        auto const id = static_cast<index_t>(x[row * (tables + 1) + j]);
        for (index_t c = 0; c < w.cols(); ++c) CHECK(y[at++] == (id == 0 ? 0.f : w(id, c)));
      }
      CHECK(y[at] == 2);
    }
    if (tables > 0)
      CHECK(petra::gradient_error([&](petra::tape<double>& t) { return layer.forward(t, t.constant(x)); }) < 1e-6);
  }
}

TEST_CASE("event_embedding: structures and slots, streams of their own, names") {
  event_embedding<low_rank<leaf<mask>>> layer({{4, 3}, {3, 2}}, std::vector<low_rank<leaf<mask>>>(2));
  petra::random r(3);
  petra_test::fill(layer.tables[0], 4, 3, 2, r);
  petra_test::fill(layer.tables[1], 3, 2, 1, r);
  tensor<float> const x({1, 3, 2}, {1, 2, 3, 0, 2, 1});
  CHECK(petra::gradient_error([&](petra::tape<double>& t) { return layer.forward(t, t.constant(x)); }) < 1e-6);
  auto two = initialize(event_embedding<>({{4, 3}, {}, {4, 3}}), 1);
  CHECK(two.tables[0].a.w != two.tables[1].a.w);
  CHECK(two.tables[1].a.w(1, 1) != 0);
  CHECK(members_of(two).front().path == "0_weight.a.w");
  auto const mapped = two.map([](full<> const&, auto const&) { return low_rank<>{}; });
  static_assert(std::same_as<decltype(mapped), event_embedding<low_rank<>> const>);
  CHECK(mapped.tables.size() == 2);
}

TEST_CASE("event_embedding: wrong settings, columns and ids are errors") {
  using columns = std::vector<event_column>;
  auto setting = [](columns c) {
    return petra_test::thrown<petra::setting_error>([&] { event_embedding<> const layer(c); });
  };
  CHECK(petra_test::says(setting({}), "at least one column"));
  CHECK(petra_test::says(setting({{3, 0}}), "found 3 and 0"));
  CHECK(petra_test::says(setting({{-1, 2}}), "found -1 and 2"));
  event_embedding<> layer({{3, 2}, {}});
  auto message = [&](tensor<float> const& x) {
    return petra_test::thrown<petra::shape_error>([&] { petra_test::value_of(layer, x); });
  };
  CHECK(petra_test::says(message(tensor<float>({1, 1, 3})), "expected events (N,L,2)", "3 columns"));
  CHECK(petra_test::says(message(tensor<float>({2, 1, 2}, {1, 1, 3, 1})), "record 1 of the batch, step 0, column 0"));
}
