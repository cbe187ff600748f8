#include "petra/grad/ops/steps.hpp"

#include <doctest/doctest.h>

#include <vector>

using petra::tape;
using petra::tensor;
using petra::var;
using petra::ops::windows_of;

static_assert(windows_of(10, 3, 1, 0) == 8 && windows_of(10, 3, 2, 0) == 4 && windows_of(10, 3, 1, 2) == 10);
// Too short, and nothing at all, however much padding.
static_assert(windows_of(2, 3, 2, 0) == 0 && windows_of(0, 1, 1, 0) == 0 && windows_of(0, 3, 1, 6) == 0);

TEST_CASE("without_padding: zeros behind each length; without lengths the same variable") {
  tape<float> t;
  tensor<float> const x({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
  std::int32_t const length[] = {2, 1};
  var const v = t.constant(x);
  CHECK(petra::ops::without_padding(t, v).id == v.id);
  t.set_length(v, length);
  var const y = petra::ops::without_padding(t, v);
  CHECK(t.length(y) == length);
  CHECK(std::vector<float>(t.value(y), t.value(y) + 8) == std::vector<float>{1, 2, 3, 4, 5, 6, 0, 0});
}

TEST_CASE("set_window_length: what each sequence alone would give") {
  tape<float> t;
  tensor<float> const x({4, 9, 1}), y({4, 4, 1});
  std::int32_t const length[] = {9, 4, 2, 0};
  var const v = t.constant(x), w = t.constant(y);
  petra::ops::set_window_length(t, v, w, 3, 2, 0);
  CHECK(t.length(w) == nullptr);
  t.set_length(v, length);
  petra::ops::set_window_length(t, v, w, 3, 2, 0);
  CHECK(std::vector<std::int32_t>(t.length(w), t.length(w) + 4) == std::vector<std::int32_t>{4, 1, 0, 0});
}
