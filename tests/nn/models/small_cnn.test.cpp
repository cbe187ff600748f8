#include "petra/nn/models/small_cnn.hpp"

#include <doctest/doctest.h>

#include "../filled.hpp"

using petra::index_t;
using petra::tensor;

TEST_CASE("small_cnn: parameters by hand, shapes") {
  auto model = petra::models::small_cnn<1, 10>(1);
  index_t n = 0;
  petra::nn::for_each_member(model, [&]<class M>(std::string const& path, M& m) {
    if constexpr (std::same_as<M, tensor<float>>)
      if (!path.ends_with("running")) n += m.size();
  });
  CHECK(n == 144 + 3456 + 6912 + 2 * (16 + 24 + 32) + 330);
  CHECK(petra_test::value_of(model, tensor<float>({3, 28, 28, 1})).shape() == petra::shape(3, 10));
  auto free = petra::models::small_cnn(1, 1, 10);
  petra::random r(1);
  auto const x = petra_test::noise({1, 12, 12, 1}, r);
  CHECK(petra_test::value_of(model, x) == petra_test::value_of(free, x));
}
