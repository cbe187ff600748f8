#include "petra/data/synthetic_text.hpp"

#include <doctest/doctest.h>

#include "../thrown.hpp"

using namespace petra::data;
using petra::index_t;

TEST_CASE("synthetic_text: the same bits on every platform") {
  auto const s = synthetic_text({.count = 50});
  std::uint64_t h = 0;
  for (float const v : s.x) h = petra::key(h, static_cast<std::int64_t>(v));
  CHECK(s.x.size() == 676);
  CHECK(h == 18405414058532034863u);
}

TEST_CASE("synthetic_text: a longer set begins with the shorter one; another seed is another set") {
  auto const a = synthetic_text({.count = 20}), b = synthetic_text({.count = 30});
  CHECK(std::vector<float>(b.x.begin(), b.x.begin() + static_cast<std::ptrdiff_t>(a.x.size())) == a.x);
  CHECK(synthetic_text({.count = 20, .seed = 2}).x != a.x);
  CHECK(a.y[0] == 0);
  CHECK(a.y[1] == 1);
}

TEST_CASE("synthetic_text: ids and lengths lie in their range, the class is what most opinions mean") {
  synthetic_text_settings const settings{.count = 1000, .length = 18, .fillers = 50, .opinions = 5};
  auto const s = synthetic_text(settings);
  synthetic_words const word{settings.opinions};
  CHECK(s.columns[0].ids == 66);
  index_t right = 0, turned = 0;
  for (index_t i = 0; i < s.size(); ++i) {
    CHECK(s.steps(i) >= 1);
    CHECK(s.steps(i) <= 18);
    float const* const x = s.x.data() + s.start[static_cast<std::size_t>(i)];
    index_t meant = 0;
    for (index_t t = 0; t < s.steps(i); ++t) {
      auto const id = [&](index_t at) { return at < 0 ? index_t{-1} : static_cast<index_t>(x[at]); };
      CHECK(id(t) >= 2);
      CHECK(id(t) < 66);
      if (id(t) < word.opinion(true, 0) || id(t) >= word.filler(0)) continue;
      index_t const before = id(t - 1) >= word.adverb(0) && id(t - 1) <= word.adverb(1) ? id(t - 2) : id(t - 1);
      bool const negated = before == word.negation(0) || before == word.negation(1);
      meant += (id(t) < word.opinion(false, 0)) != negated ? 1 : -1;
      turned += negated;
    }
    right += (meant > 0) == (s.label(i) == 1) && meant != 0;
  }
  CHECK(right == 1000);
  CHECK(turned > 300);
}

TEST_CASE("synthetic_text: settings outside their range") {
  auto const said = [](synthetic_text_settings const& s) {
    return petra_test::thrown<petra::setting_error>([&] { static_cast<void>(synthetic_text(s)); });
  };
  CHECK(said({.count = 0}) == "synthetic_text: count must lie in [1, 10000000], found 0");
  CHECK(said({.length = 11}) == "synthetic_text: length must lie in [12, 10000], found 11");
  CHECK(said({.fillers = 0}) == "synthetic_text: fillers must lie in [1, 100000], found 0");
  CHECK(said({.opinions = 0}) == "synthetic_text: opinions must lie in [1, 100000], found 0");
}
