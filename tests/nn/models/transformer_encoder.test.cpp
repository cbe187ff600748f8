#include "petra/nn/models/transformer_encoder.hpp"

#include <doctest/doctest.h>

#include "../../thrown.hpp"
#include "../filled.hpp"
#include "sequence_task.hpp"

TEST_CASE("text_transformer: learns to tell texts by one of their words") {
  petra_test::sequence_task const task(32, 8, 6, 1);
  auto model = petra::models::text_transformer<16, 2, 32, 2>(1, 6, 8, 2);
  CHECK(petra_test::value_of(model, task.x).shape() == petra::shape(32, 2));
  CHECK(petra_test::loss_after(model, task, 80, 0.01f) < 0.1f);
}

TEST_CASE("event_transformer: learns to tell sequences by one of their events; padding does not change it") {
  petra_test::sequence_task const task(32, 8, 6, 2);
  auto model = petra::models::event_transformer<16, 2, 32, 1, 2>(1, task.columns(6), 12);
  CHECK(petra_test::loss_after(model, task, 80, 0.01f) < 0.1f);
  auto const y = petra_test::value_of(model, task.x);
  petra::tensor<float> longer({32, 12, 2});
  for (petra::index_t n = 0; n < 32; ++n) std::copy_n(task.x.data() + n * 16, 16, longer.data() + n * 24);
  CHECK(petra_test::difference(petra_test::value_of(model, longer), y) < 1e-5);
}

TEST_CASE("text_transformer: no ids, steps or classes are errors, and a text that is too long") {
  using petra::models::text_transformer;
  auto message = [](petra::index_t ids, petra::index_t length, petra::index_t classes) {
    return petra_test::thrown<petra::setting_error>([&] { text_transformer<4, 1, 4, 1>(1, ids, length, classes); });
  };
  CHECK(petra_test::says(message(0, 8, 2), "at least one of ids"));
  CHECK(petra_test::says(message(5, 0, 2), "at least one of steps"));
  CHECK(petra_test::says(message(5, 8, 0), "at least one of classes"));
  auto model = text_transformer<4, 1, 4, 1>(1, 5, 3, 2);
  CHECK(petra_test::says(petra_test::thrown<petra::shape_error>([&] {
                           petra_test::value_of(model, petra::tensor<float>({1, 4, 1}, {1, 1, 1, 1}));
                         }),
                         "at least 4 places", "found 3"));
}
