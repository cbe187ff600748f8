#include "petra/nn/models/text_cnn.hpp"

#include <doctest/doctest.h>

#include "trained.hpp"

using petra::index_t;
using petra::tensor;

namespace {

// Words as numbers (N,L,Width), cut at the lengths it was given.
struct given_words {
  std::int32_t const* length = nullptr;
  template <petra::scalar T>
  petra::var forward(petra::tape<T>& t, petra::var x) {
    t.set_length(x, length);
    return x;
  }
  static constexpr int trace(petra::nn::channel_plan&, int group) { return group; }
  template <class F>
  void members(F&&) {}
};

}  // namespace

TEST_CASE("text_cnn: the published number of parameters, shapes, a step lowers the loss") {
  auto model = petra::models::text_cnn<300, 2>(1, given_words{});
  CHECK(petra_test::numbers_of(model).weights == 360902);
  auto small = petra::models::text_cnn<6, petra::dyn, 4>(1, given_words{}, 3);
  CHECK(petra_test::value_of(small, tensor<float>({2, 1, 6})).shape() == petra::shape(2, 3));
  CHECK(petra_test::one_step(small, {8, 9, 6}).falls());
}

TEST_CASE("text_cnn: what stands behind a text does not matter") {
  std::int32_t const length[] = {5, 1, 0};
  petra::random r(2);
  auto x = petra_test::noise({3, 5, 6}, r);
  auto model = petra::models::text_cnn<6, 2, 4>(1, given_words{length});
  auto const before = petra_test::value_of(model, x);
  for (index_t i = 0; i < 3; ++i) std::fill(x.data() + (i * 5 + length[i]) * 6, x.data() + (i + 1) * 30, 1e3f);
  CHECK(petra_test::value_of(model, x) == before);
  // Of an empty text nothing but the biases is left.
  auto const& last = get<3>(model.layers);
  CHECK(before[4] == last.bias[0]);
}
