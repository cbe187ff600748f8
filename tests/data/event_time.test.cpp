#include "petra/data/event_time.hpp"

#include <doctest/doctest.h>

#include <ctime>

using namespace petra::data;

namespace {

event_time time_of(std::string_view s) {
  event_time t;
  REQUIRE(parse_time(s, t));
  return t;
}

}  // namespace

TEST_CASE("event_time: days are those of the calendar") {
  CHECK(days_from_civil(1970, 1, 1) == 0);
  CHECK(days_from_civil(2000, 3, 1) == 11017);
  // One day more each day, over more than the 400 years after which the calendar repeats.
  petra::index_t next = days_from_civil(1599, 1, 1), wrong = 0;
  for (petra::index_t y = 1599; y < 2101; ++y)
    for (petra::index_t m = 1; m <= 12; ++m) {
      bool const leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
      petra::index_t const days = m == 2 ? (leap ? 29 : 28) : m == 4 || m == 6 || m == 9 || m == 11 ? 30 : 31;
      wrong += detail::days_of_month(y, m) != days;
      for (petra::index_t d = 1; d <= days; ++d) wrong += days_from_civil(y, m, d) != next++;
    }
  CHECK(wrong == 0);
  // As the C library has it.
  for (long const day : {-30000L, -1L, 0L, 365L, 9999L, 20000L}) {
    std::time_t const t = day * 86400L;
    std::tm const* const c = std::gmtime(&t);
    CHECK(days_from_civil(c->tm_year + 1900, c->tm_mon + 1, c->tm_mday) == day);
  }
}

TEST_CASE("event_time: every form") {
  CHECK(time_of("17").kind == time_kind::number);
  CHECK(time_of("-3.5").value == -3.5);
  CHECK(time_of("2005-04").kind == time_kind::month);
  CHECK(time_of("2005-04").value == time_of("2005-04-01").value);
  CHECK(time_of("1997-01-12").kind == time_kind::day);
  CHECK(time_of("1970-01-02").value == 1);
  for (char const* moment : {"1970-01-02 03:04:05", "1970-01-02T03:04:05", "1970-01-02 03:04:05Z"}) {
    CHECK(time_of(moment).kind == time_kind::moment);
    CHECK(time_of(moment).value == 86400 + 3 * 3600 + 4 * 60 + 5);
  }
  CHECK(time_of("1970-01-01T00:01").value == 60);
  CHECK(time_of("1970-01-01 00:00:01.25").value == doctest::Approx(1.25).epsilon(1e-12));
  CHECK(time_of("2000-02-29").value == time_of("2000-03-01").value - 1);
}

TEST_CASE("event_time: what is none") {
  for (char const* bad :
       {"", "abc", "1997-13", "1997-00-01", "1997-1-1", "1997-02-29", "1997-04-31", "97-01-01", "1997-01-12x",
        "1997/01/12", "1997-01-12 24:00", "1997-01-12 3:00", "1997-01-12 03:60", "1997-01-12 03", "1997-01-12 03:00:61",
        "1997-01-12 03:00:00.", "1997-01-12T03:00:00+01", "nan", "1997-01-"}) {
    CAPTURE(bad);
    event_time t{time_kind::moment, 7};
    CHECK_FALSE(parse_time(bad, t));
    CHECK(t.value == 7);
  }
}
