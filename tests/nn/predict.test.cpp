#include "petra/nn/predict.hpp"

#include <doctest/doctest.h>

#include "petra/data/sequences.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/flatten.hpp"
#include "petra/nn/metrics/accuracy.hpp"
#include "petra/nn/metrics/auc.hpp"
#include "petra/nn/metrics/regression.hpp"
#include "petra/nn/sequential.hpp"

using namespace petra;

namespace {

// Sequence i is the one number i.
template <class Set>
Set ten_numbers() {
  Set s;
  s.columns.resize(1);
  s.length = 1;
  s.start.push_back(0);
  for (index_t i = 0; i < 10; ++i) {
    s.x.push_back(static_cast<float>(i));
    s.start.push_back(i + 1);
  }
  return s;
}

}  // namespace

TEST_CASE("predict: outputs in the order of the set, whatever the batch; a metric of them") {
  auto set = ten_numbers<data::labeled_sequences>();
  set.class_count = 2;
  set.y = {0, 0, 0, 0, 0, 0, 0, 1, 1, 1};
  nn::sequential model{nn::flatten{}, nn::dense<1, 2>{}};
  get<1>(model.layers).weight.a.w = tensor<float>({2, 1}, {0, 1});
  get<1>(model.layers).bias = tensor<float>({1, 2}, {4.5f, 0});
  for (index_t const batch : {1, 3, 10, 64}) {
    auto const x = nn::predict(model, set, batch);
    CHECK(x.size() == 20);
    for (index_t i = 0; i < 10; ++i) CHECK(x[static_cast<std::size_t>(2 * i + 1)] == static_cast<float>(i));
    CHECK(nn::evaluate(model, set, metric::accuracy{}, batch) == 0.8);
    CHECK(nn::evaluate(model, set, metric::auc{}, batch) == 1);
  }
  CHECK(nn::answers_of(set) == set.y);
  CHECK(nn::evaluate(model, set, metric::accuracy{}) == nn::accuracy(model, set));
}

TEST_CASE("predict: numbers to predict") {
  auto set = ten_numbers<data::target_sequences>();
  set.target_count = 2;
  for (index_t i = 0; i < 10; ++i) {
    set.y.push_back(static_cast<float>(i));
    set.y.push_back(static_cast<float>(2 * i + 1));
  }
  nn::sequential model{nn::flatten{}, nn::dense<1, 2>{}};
  get<1>(model.layers).weight.a.w = tensor<float>({2, 1}, {1, 2});
  CHECK(nn::evaluate(model, set, metric::mae{}, 4) == 0.5);
  CHECK(nn::answers_of(set) == set.y);
}
