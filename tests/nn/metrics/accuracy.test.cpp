#include "petra/nn/metrics/accuracy.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "../../thrown.hpp"

using namespace petra;

namespace {

std::vector<float> const four_logits{1, 3, 2, 5, 4, 0, 7, 7, 7, 2, 1, 0};  // (4,3)

}  // namespace

TEST_CASE("accuracy of outputs: the largest logit, the first of equal ones") {
  metric::accuracy const accuracy;
  CHECK(accuracy(four_logits, std::vector<std::int32_t>{1, 0, 0, 0}, 3) == 1);
  CHECK(accuracy(four_logits, std::vector<std::int32_t>{1, 0, 1, 0}, 3) == 0.75);
  CHECK(accuracy(four_logits, std::vector<std::int32_t>{0, 1, 2, 2}, 3) == 0);
}

TEST_CASE("top_k: among the k largest") {
  std::vector<std::int32_t> const second{2, 1, 1, 1}, third{0, 2, 2, 2};
  CHECK(metric::top_k{1}(four_logits, second, 3) == 0);
  CHECK(metric::top_k{2}(four_logits, second, 3) == 1);
  CHECK(metric::top_k{2}(four_logits, third, 3) == 0);
  CHECK(metric::top_k{3}(four_logits, third, 3) == 1);
  CHECK(metric::top_k{9}(four_logits, third, 3) == 1);
  CHECK(petra_test::thrown<setting_error>([&] { static_cast<void>(metric::top_k{0}(four_logits, third, 3)); }) ==
        "top_k: k must be >= 1, found 0");
}
