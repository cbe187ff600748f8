#include "petra/nn/metrics/nearest.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "../../thrown.hpp"

TEST_CASE("nearest: by hand, the first of equally near ones") {
  // On a line: 0, 1, 3, 3.5, 10.
  std::vector<float> const x{0, 1, 3, 3.5f, 10};
  std::vector<std::int32_t> const y{1, 1, 2, 1, 1};
  CHECK(petra::metric::nearest{}(x, y, 1) == 3. / 5);
  // 2 lies between 1 and 3: the first.
  std::vector<float> const middle{1, 3, 2};
  std::vector<std::int32_t> const first{7, 8, 7};
  CHECK(petra::metric::nearest{}(middle, first, 1) == 2. / 3);
}

TEST_CASE("nearest: what does not fit is an error") {
  std::vector<float> const x{0, 1}, bad{0, NAN};
  std::vector<std::int32_t> const y{1, 1}, one{1};
  CHECK(petra_test::says(petra_test::thrown<petra::shape_error>([&] { static_cast<void>(petra::metric::nearest{}(x, one, 2)); }),
                         "at least two"));
  CHECK(petra_test::says(petra_test::thrown<petra::shape_error>([&] { static_cast<void>(petra::metric::nearest{}(x, y, 2)); }),
                         "an embedding for each label"));
  CHECK(petra_test::says(petra_test::thrown<petra::training_error>([&] { static_cast<void>(petra::metric::nearest{}(bad, y, 1)); }),
                         "recall at 1: expected finite embeddings, found nan"));
}
