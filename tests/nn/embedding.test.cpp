#include "petra/nn/embedding.hpp"

#include <doctest/doctest.h>

#include "../thrown.hpp"
#include "filled.hpp"

using namespace petra::nn;
using petra::index_t;
using petra::tensor;

namespace {

// Of ids as a constant: x has no gradient.
template <class Weight>
double embedding_error(bool* lengths = nullptr) {
  embedding<5, 3, Weight> layer;
  petra::random r(1);
  petra_test::fill(layer.table_weight, 5, 3, 2, r);
  tensor<float> const ids({2, 4, 1}, {3, 1, 3, 0, 4, 0, 2, 1});
  return petra::gradient_error([&](petra::tape<double>& t) {
    petra::var const y = layer.forward(t, t.constant(ids));
    if (lengths != nullptr) *lengths = t.length(y)[0] == 3 && t.length(y)[1] == 4;
    return y;
  });
}

}  // namespace

TEST_CASE("embedding layer: rows of the table; ids that end in zeros are shorter") {
  embedding<3, 2> layer;
  layer.table_weight.a.w = tensor<float>({3, 2}, {9, 9, 1, 2, 3, 4});
  CHECK(petra_test::value_of(layer, tensor<float>({1, 4, 1}, {2, 0, 1, 0})) ==
        tensor<float>({1, 4, 2}, {3, 4, 0, 0, 1, 2, 0, 0}));
}

TEST_CASE("embedding layer: the gradient of a table of every structure and slot") {
  bool lengths = false;
  CHECK(embedding_error<full<>>(&lengths) < 1e-6);
  CHECK(lengths);
  CHECK(embedding_error<full<leaf<mask>>>() < 1e-6);
  CHECK(embedding_error<low_rank<>>() < 1e-6);
  CHECK(embedding_error<low_rank<leaf<mask>>>() < 1e-6);
  CHECK(embedding_error<one_of<full<>, low_rank<>>>() < 1e-6);
}

TEST_CASE("embedding layer: other things than ids are errors") {
  embedding<3, 2> layer;
  auto message = [&](tensor<float> const& x) {
    return petra_test::thrown<petra::shape_error>([&] { petra_test::value_of(layer, x); });
  };
  CHECK(petra_test::says(message(tensor<float>({1, 1, 1}, {3})), "whole id in [0, 3), found 3"));
  CHECK(petra_test::says(message(tensor<float>({1, 1, 2}, {1, 1})), "expected ids (N,L,1)", "event_embedding"));
  CHECK(petra_test::says(message(tensor<float>({1, 1}, {1})), "found 2 axes"));
}

TEST_CASE("embedding layer: map replaces the table's structure, members name it") {
  embedding<3, 2> layer;
  auto const mapped = layer.map([](full<> const&, auto const&) { return low_rank<>{}; });
  static_assert(std::same_as<decltype(mapped), embedding<3, 2, low_rank<>> const>);
  CHECK(members_of(layer)[0].path == "table_weight.a.w");
  embedding<petra::dyn, 2> const open;
  CHECK(open.table_weight.a.w.empty());
}
