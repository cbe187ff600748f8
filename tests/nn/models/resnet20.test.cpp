#include "petra/nn/models/resnet20.hpp"

#include <doctest/doctest.h>

#include "../filled.hpp"

using petra::index_t;
using petra::tensor;

TEST_CASE("resnet20: parameters by hand, shapes") {
  auto model = petra::models::resnet20<3, 10>(1);
  index_t n = 0, weights = 0;
  petra::nn::for_each_member(model, [&]<class M>(std::string const& path, M& m) {
    if constexpr (std::same_as<M, tensor<float>>)
      if (!path.ends_with("running")) n += m.size(), weights += path.ends_with("weight.a.w");
  });
  // Stem 432 | 6 * 2304 | 4608 + 5 * 9216 + 512 | 18432 + 5 * 36864 + 2048 | 650 | norms 2 * (7 * 16 + 7 * 32 + 7 * 64)
  CHECK(n == 432 + 13824 + 51200 + 204800 + 650 + 1568);
  CHECK(weights == 22);
  CHECK(petra_test::value_of(model, tensor<float>({1, 16, 16, 3})).shape() == petra::shape(1, 10));
}
