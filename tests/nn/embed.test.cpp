#include "petra/nn/embed.hpp"

#include <doctest/doctest.h>

#include "../thrown.hpp"
#include "petra/data/sequences.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/flatten.hpp"
#include "petra/nn/sequential.hpp"

using petra::index_t;

namespace {

// Sequence i is the one number i.
petra::data::labeled_sequences ten_points() {
  petra::data::labeled_sequences s;
  s.columns.resize(1);
  s.length = 2;
  s.class_count = 2;
  s.start.push_back(0);
  for (index_t i = 0; i < 10; ++i) {
    s.x.push_back(static_cast<float>(i));
    s.start.push_back(i + 1);
    s.y.push_back(0);
  }
  return s;
}
// Outputs how long each sequence is.
struct its_length {
  template <petra::scalar T>
  petra::var forward(petra::tape<T>& t, petra::var x) {
    index_t const n = t.shape(x)[0];
    T* const out = t.take(n);
    for (index_t i = 0; i < n; ++i) out[i] = static_cast<T>(t.length(x)[i]);
    return t.constant({n, 1}, out);
  }
};

}  // namespace

TEST_CASE("embed: outputs of any width, in the order of the set, whatever the batch") {
  petra::nn::sequential model{petra::nn::flatten{}, petra::nn::dense<2, 5>{}};
  get<1>(model.layers).weight.a.w[2 * 3] = 2;
  for (index_t const batch : {1, 4, 10, 64}) {
    auto const e = petra::nn::embed(model, ten_points(), batch);
    CHECK(e.shape() == petra::shape(10, 5));
    for (index_t i = 0; i < 10; ++i) {
      CHECK(e(i, 3) == static_cast<float>(2 * i));
      CHECK(e(i, 2) == 0);
    }
  }
}

TEST_CASE("embed: models see the lengths of sequences") {
  its_length model;
  auto const e = petra::nn::embed(model, ten_points(), 4);
  for (index_t i = 0; i < 10; ++i) CHECK(e[i] == 1);
}

TEST_CASE("embed: one row of outputs for a sample") {
  petra::nn::dense<1, 3> for_each_step;
  CHECK(petra_test::says(
      petra_test::thrown<petra::shape_error>([&] { static_cast<void>(petra::nn::embed(for_each_step, ten_points(), 5)); }),
      "evaluate: expected 5 x 3 outputs"));
}
