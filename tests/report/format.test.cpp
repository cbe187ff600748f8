// Numbers for people: digits, units, signs.
#include <doctest/doctest.h>

#include "petra/report/format.hpp"

using namespace petra::report;

TEST_CASE("format: three significant digits") {
  CHECK(significant(0) == "0");
  CHECK(significant(0.01234) == "0.0123");
  CHECK(significant(0.5) == "0.500");
  CHECK(significant(1.234) == "1.23");
  CHECK(significant(12.34) == "12.3");
  CHECK(significant(123.4) == "123");
  CHECK(significant(1234) == "1234");
  CHECK(significant(-1.234) == "-1.23");
  CHECK(significant(0.9996) == "1.00");
  CHECK(significant(9.996) == "10.0");
  CHECK(significant(99.96) == "100");
  CHECK(significant(1e-12) == "0.00000000");
}

TEST_CASE("format: the unit follows the size, also where rounding reaches the next one") {
  CHECK(bytes_text(0) == "0 B");
  CHECK(bytes_text(999) == "999 B");
  CHECK(bytes_text(1000) == "1.00 kB");
  CHECK(bytes_text(77'240) == "77.2 kB");
  CHECK(bytes_text(999'499) == "999 kB");
  CHECK(bytes_text(999'600) == "1.00 MB");
  CHECK(bytes_text(5e13) == "50000 GB");
  CHECK(time_text(812) == "812 ns");
  CHECK(time_text(80'123.4) == "80.1 us");
  CHECK(time_text(2.304e6) == "2.30 ms");
  CHECK(rate_text(12'345) == "12.3 k/s");
  CHECK(rate_text(12.25) == "12.2 /s");
  CHECK(macs_text(12.5e6) == "12.5 M");
  CHECK(macs_text(17) == "17");
}

TEST_CASE("format: changes carry their sign; zero has none to lose") {
  CHECK(change_text(25, 100) == "-75.0 %");
  CHECK(change_text(113, 100) == "+13.0 %");
  CHECK(change_text(100, 100) == "+0.0 %");
  CHECK(change_text(99.99, 100) == "+0.0 %");
  CHECK(change_text(96, 312'436) == "-99.97 %");
  CHECK(change_text(2000, 100) == "+1900 %");
  CHECK(change_text(5, 0) == "");
}

TEST_CASE("format: an accuracy is shown in percent, its difference in points; another metric as it is") {
  front_report r{.metric = "accuracy"};
  CHECK(quality_text(r, 0.92345) == "92.34 %");
  CHECK(quality_change_text(r, 0.9198, 0.9245) == "-0.47");
  CHECK(quality_change_text(r, 0.93, 0.93) == "+0.00");
  r.metric = "mean squared error";
  CHECK(quality_text(r, 0.92345) == "0.923");
  CHECK(quality_change_text(r, 0.5, 0.25) == "+0.250");
}
