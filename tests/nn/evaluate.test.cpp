#include "petra/nn/evaluate.hpp"

#include <doctest/doctest.h>

#include "../thrown.hpp"
#include "petra/data/sequences.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/flatten.hpp"
#include "petra/nn/sequential.hpp"

using petra::index_t;
using petra::tensor;

namespace {

// Sample i is the number i; its label is i % 3.
struct counting {
  index_t size() const { return 10; }
  petra::shape sample_shape() const { return {1, 1, 1}; }
  index_t classes() const { return 3; }
  std::int32_t label(index_t i) const { return static_cast<std::int32_t>(i % 3); }
  void read(index_t i, float* out) const { *out = static_cast<float>(i); }
};

}  // namespace

TEST_CASE("argmax: the first of the largest") {
  float const x[] = {1, 3, 3, 2};
  CHECK(petra::nn::argmax(x, 4) == 1);
  CHECK(petra::nn::argmax(x, 1) == 0);
}

TEST_CASE("accuracy: by hand, whatever the batch") {
  using namespace petra::nn;
  sequential model{flatten{}, dense<1, 3>{}};
  auto& layer = get<1>(model.layers);
  // Always class 1: samples 1, 4, 7.
  layer.bias = tensor<float>({1, 3}, {0, 1, 0});
  for (index_t const batch : {1, 3, 10, 64}) CHECK(accuracy(model, counting{}, batch) == 0.3);
  // Class 2 from 2.5 on, class 0 below: 0 | 5, 8.
  layer.weight.a.w = tensor<float>({3, 1}, {0, 0, 1});
  layer.bias = tensor<float>({1, 3}, {2.5f, -1, 0});
  CHECK(accuracy(model, counting{}, 4) == 0.3);
  layer.bias = tensor<float>({1, 3}, {1.5f, -1, 0});  // from 1.5 on: 0 | 2, 5, 8
  CHECK(accuracy(model, counting{}, 4) == 0.4);
}

TEST_CASE("for_each_batch: every sample once, in order, without gradients") {
  using namespace petra::nn;
  sequential model{flatten{}, dense<1, 3>{}};
  get<1>(model.layers).weight.a.w = tensor<float>({3, 1}, {1, 10, 100});
  index_t seen = 0;
  for_each_batch(model, counting{}, 4, [&](float const* logits, index_t first, index_t n) {
    CHECK(first == seen);
    for (index_t i = 0; i < n; ++i) CHECK(logits[3 * i + 1] == 10 * static_cast<float>(first + i));
    seen += n;
  });
  CHECK(seen == 10);
}

TEST_CASE("accuracy: another number of outputs than classes is an error") {
  petra::nn::sequential model{petra::nn::flatten{}, petra::nn::dense<1, 4>{}};
  CHECK(petra_test::thrown<petra::shape_error>([&] { petra::nn::accuracy(model, counting{}); }) ==
        "evaluate: expected 10 x 3 outputs (samples x classes of the data), found 10 x 4; change the last layer, or "
        "flatten the map before it");
}

TEST_CASE("has_padding: sequences that end before others; samples without a length have none") {
  petra::data::labeled_sequences set;
  set.x = {1, 2, 3, 4, 5};
  set.start = {0, 3, 5};
  set.columns.resize(1);
  set.y = {0, 1};
  set.class_count = 2;
  set.length = 3;
  CHECK(petra::nn::has_padding(set));
  set.length = 2;  // the last two steps of both
  CHECK(!petra::nn::has_padding(set));
  CHECK(!petra::nn::has_padding(1));
}
