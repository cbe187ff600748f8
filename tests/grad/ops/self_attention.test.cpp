#include "petra/grad/ops/self_attention.hpp"

#include <doctest/doctest.h>

#include "../../thrown.hpp"
#include "../worker_counts.hpp"
#include "petra/kernel/reference/attention.hpp"

namespace {

using petra::index_t;
using petra::tape;
using petra::var;

}  // namespace

// Gradients: tests/grad/rules.test.cpp.
TEST_CASE("self_attention op: a padded sequence gives what it gives without padding, then zeros") {
  tape<double> t;
  petra::random r(1);
  var const x = petra::ops::draw(t, r, {2, 5, 12});
  std::int32_t const length[] = {3, 0};
  t.set_length(x, length);
  var const y = petra::ops::self_attention(t, x, 2);
  CHECK(t.shape(y) == petra::shape(2, 5, 4));
  std::vector<double> want(12);
  double const* const q = t.value(x);
  petra::kernel::attention(petra::kernel::scalar_tag{}, {3, 3, 2, 2, 12, 12}, q, q + 4, q + 8, want.data());
  for (index_t i = 0; i < 40; ++i)
    CHECK(t.value(y)[i] == doctest::Approx(i < 12 ? want[static_cast<std::size_t>(i)] : 0).epsilon(1e-12));
}

TEST_CASE("self_attention op: padding changes nothing, whatever it holds, and has no gradient") {
  auto of = [](float padding) {
    return petra_test::values_and_gradients(
        [&](tape<float>& t) {
          std::vector<float> v(2 * 4 * 6, padding);
          petra::random r(2);
          for (std::size_t i = 0; i < 12; ++i) v[i] = r.normal();
          auto* const length = t.take<std::int32_t>(2);
          length[0] = 2, length[1] = 0;
          var const x = t.variable({2, 4, 6}, v.data());
          t.set_length(x, length);
          return petra::ops::self_attention(t, x, 1, true);
        },
        1);
  };
  auto const zeros = of(0), thousands = of(1e3f);
  CHECK(zeros == thousands);
  for (std::size_t i = 4; i < 16; ++i) CHECK(zeros[i] == 0);  // values: (2,4,2), of which two rows are no padding
  for (std::size_t i = 16 + 12; i < zeros.size(); ++i) CHECK(zeros[i] == 0);  // gradients: (2,4,6)
}

TEST_CASE("self_attention op: the same bits on any number of workers") {
  CHECK(petra_test::same_on_any_workers([](tape<float>& t) {
    petra::random r(3);
    return petra::ops::self_attention(t, petra::ops::draw(t, r, {20, 40, 96}), 4);
  }));
}

TEST_CASE("self_attention op: heads that do not fit are an error") {
  tape<float> t;
  float const v[36] = {};
  CHECK(petra_test::says(petra_test::thrown<petra::shape_error>([&] {
                           petra::ops::self_attention(t, t.constant({1, 3, 12}, v), 3);
                         }),
                         "E a multiple of 3 heads", "12 channels"));
  CHECK(petra_test::says(petra_test::thrown<petra::shape_error>([&] {
                           petra::ops::self_attention(t, t.constant({3, 12}, v), 1);
                         }),
                         "2 axes"));
}
