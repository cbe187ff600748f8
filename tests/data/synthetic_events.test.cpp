#include "petra/data/synthetic_events.hpp"

#include <doctest/doctest.h>

#include "../thrown.hpp"

using namespace petra::data;
using petra::index_t;

TEST_CASE("synthetic_events: the same bits on every platform") {
  auto const s = synthetic_events({.count = 50});
  std::uint64_t h = 0;
  for (float const v : s.x) h = petra::key(h, static_cast<std::int64_t>(v * 100 + 0.5f));
  CHECK(s.x.size() == 3897);
  CHECK(h == 9027248223036223182u);
}

TEST_CASE("synthetic_events: a longer set begins with the shorter one; another seed is another set") {
  auto const a = synthetic_events({.count = 20, .classes = 3}), b = synthetic_events({.count = 30, .classes = 3});
  CHECK(std::vector<float>(b.x.begin(), b.x.begin() + static_cast<std::ptrdiff_t>(a.x.size())) == a.x);
  CHECK(b.start[20] == a.start[20]);
  CHECK(synthetic_events({.count = 20, .seed = 2, .classes = 3}).x != a.x);
  CHECK(a.y == std::vector<std::int32_t>{0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1});
  CHECK(a.classes() == 3);
}

TEST_CASE("synthetic_events: steps, ids and the normalization are what the columns say") {
  auto s = synthetic_events({.count = 1000, .length = 30, .shortest = 5, .kinds = 6});
  std::vector<int> kinds(8), lengths(31);
  for (index_t i = 0; i < s.size(); ++i) ++lengths[static_cast<std::size_t>(s.steps(i))];
  for (std::size_t k = 0; k < s.x.size(); k += 3) ++kinds[static_cast<std::size_t>(s.x[k])];
  for (std::size_t n = 0; n <= 30; ++n) CHECK((lengths[n] > 0) == (n >= 5));
  CHECK(s.columns[0].ids == 8);
  CHECK(kinds[0] + kinds[1] == 0);
  // Every kind as often as another, whatever the class.
  for (std::size_t k = 2; k < 8; ++k)
    CHECK(kinds[k] == doctest::Approx(static_cast<double>(s.x.size()) / 18).epsilon(0.05));
  auto const own = s.columns;
  fit_columns(s);
  for (std::size_t c = 1; c < 3; ++c) {
    CHECK(own[c].mean == doctest::Approx(s.columns[c].mean).epsilon(0.05));
    CHECK(own[c].deviation == doctest::Approx(s.columns[c].deviation).epsilon(0.05));
  }
}

TEST_CASE("synthetic_events: the order of kinds tells the class") {
  auto const s = synthetic_events({.count = 400, .classes = 3});
  index_t right = 0;
  for (index_t i = 0; i < s.size(); ++i) {
    index_t follows[3] = {};  // steps that follow the rule of each class
    for (index_t t = s.start[static_cast<std::size_t>(i)] + 1; t < s.start[static_cast<std::size_t>(i) + 1]; ++t) {
      auto const at = static_cast<std::size_t>(3 * t);
      auto const step = static_cast<index_t>(s.x[at] - s.x[at - 3] + 8) % 8;
      if (step >= 1 && step <= 3) ++follows[step - 1];
    }
    right += std::max_element(follows, follows + 3) - follows == s.label(i);
  }
  CHECK(right > 350);
  CHECK(right < 400);
}

TEST_CASE("synthetic_events: settings outside their range") {
  auto const said = [](synthetic_event_settings const& s) {
    return petra_test::thrown<petra::setting_error>([&] { static_cast<void>(synthetic_events(s)); });
  };
  CHECK(said({.count = 0}) == "synthetic_events: count must lie in [1, 10000000], found 0");
  CHECK(said({.classes = 8}) == "synthetic_events: classes must lie in [2, 7], found 8");
  CHECK(said({.length = 0}) == "synthetic_events: length must lie in [1, 10000], found 0");
  CHECK(said({.length = 9}) == "synthetic_events: shortest must lie in [1, 9], found 10");
  CHECK(said({.kinds = 2}) == "synthetic_events: kinds must lie in [3, 1000], found 2");
}
