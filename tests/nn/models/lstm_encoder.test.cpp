#include "petra/nn/models/lstm_encoder.hpp"

#include <doctest/doctest.h>

#include "../../thrown.hpp"
#include "../filled.hpp"
#include "sequence_task.hpp"

TEST_CASE("lstm_encoder: learns to tell sequences by one of their events") {
  petra_test::sequence_task const task(32, 8, 6, 2);
  auto model = petra::models::lstm_encoder<16>(1, task.columns(6), 2);
  CHECK(petra_test::value_of(model, task.x).shape() == petra::shape(32, 2));
  CHECK(petra_test::loss_after(model, task, 80, 0.03f) < 0.1f);
}

TEST_CASE("lstm_embedder: embeddings of length one; padding does not change them") {
  petra_test::sequence_task const task(4, 8, 6, 2);
  auto model = petra::models::lstm_embedder<16>(1, task.columns(6));
  auto const y = petra_test::value_of(model, task.x);
  REQUIRE(y.shape() == petra::shape(4, 16));
  for (petra::index_t n = 0; n < 4; ++n) {
    float size = 0;
    for (petra::index_t e = 0; e < 16; ++e) size += y(n, e) * y(n, e);
    CHECK(size == doctest::Approx(1));
  }
  petra::tensor<float> longer({4, 12, 2});
  for (petra::index_t n = 0; n < 4; ++n) std::copy_n(task.x.data() + n * 16, 16, longer.data() + n * 24);
  CHECK(petra_test::value_of(model, longer) == y);
}

TEST_CASE("lstm_encoder: no classes, or no columns, are errors") {
  CHECK(petra_test::says(petra_test::thrown<petra::setting_error>(
                             [] { petra::models::lstm_encoder(1, petra_test::sequence_task::columns(3), 0); }),
                         "at least one of classes, found 0"));
  CHECK(petra_test::says(petra_test::thrown<petra::setting_error>([] { petra::models::lstm_encoder(1, {}, 2); }),
                         "at least one column"));
}
