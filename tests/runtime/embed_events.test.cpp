// runtime/embed_events.hpp: rows and numbers side by side; any float is safe as an id.
#include "petra/runtime/embed_events.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "../kernel/guarded_page.hpp"

namespace {

using namespace petra;

// Columns: a number, ids of three rows of two numbers, ids of two rows of one. Entries: tables first.
constexpr std::int32_t event_entries[] = {1, 3, 2, 2, 2, 1, 0, 0, 1};
template <class T>
void fill_event_tables(guarded::array<T>& tables) {
  T const values[] = {0, 0, 1, 2, 3, 4, 0, 5};
  for (index_t i = 0; i < 8; ++i) tables[i] = values[i];
}

TEST_CASE("embed_events: in float") {
  guarded::array<float> x(6), tables(8), y(8);
  fill_event_tables(tables);
  float const steps[] = {0.5f, 2, 1, -7, 1, 0};
  for (index_t i = 0; i < 6; ++i) x[i] = steps[i];
  rt::embed_events_f32(rt::fixed<rt::events_shape{2, 3, 4}>{}, x.data(), event_entries, tables.data(), y.data());
  float const want[] = {3, 4, 5, 0.5f, 1, 2, 0, -7};
  for (index_t i = 0; i < 8; ++i) CHECK(y[i] == want[i]);
}

TEST_CASE("embed_events: in integers, numbers rounded to even and cut off") {
  guarded::array<float> x(12);
  guarded::array<std::int8_t> tables(8), y(16);
  fill_event_tables(tables);
  float const numbers[] = {0.25f, 0.75f, 1000, std::numeric_limits<float>::quiet_NaN()};
  for (index_t t = 0; t < 4; ++t) x[3 * t] = numbers[t], x[3 * t + 1] = 1;
  rt::embed_events_s8(rt::events_shape{4, 3, 4}, x.data(), event_entries, tables.data(), y.data(), 0.5f, -10);
  std::int8_t const want[] = {-10, -8, 127, -10};
  for (index_t t = 0; t < 4; ++t) {
    CHECK(y[4 * t] == 1);
    CHECK(y[4 * t + 3] == want[t]);
  }
}

TEST_CASE("embed_events: ids that are none take row 0") {
  constexpr float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  guarded::array<float> tables(8), y(4);
  fill_event_tables(tables);
  for (float const id : {nan, inf, -inf, -1.f, -0.5f, 3.f, 1e30f, -1e30f, 2147483648.f}) {
    guarded::array<float> x(3);
    x[1] = x[2] = id;
    rt::embed_events_f32(rt::events_shape{1, 3, 4}, x.data(), event_entries, tables.data(), y.data());
    for (index_t i = 0; i < 4; ++i) CHECK(y[i] == 0);
  }
}

}  // namespace
