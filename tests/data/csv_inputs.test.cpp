#include "petra/data/csv_inputs.hpp"

#include <doctest/doctest.h>

#include "malformed.hpp"

using namespace petra_test;
using namespace petra::data;
using petra::index_t;

namespace {

char const* const shop =
    "id,kind,amount,note,code,size\n"
    "1,b,10,,7,1\n"
    "1,a,-300.5,x,12,\n"
    "2,b,,x,A,3\n";

std::vector<csv_input> fitted(std::string const& path, input_settings const& s = {}) {
  return fit_csv_inputs(path, {"id"}, s);
}
std::string fit_error(std::string const& path, input_settings const& s = {}) {
  return io_message([&] { static_cast<void>(fitted(path, s)); });
}
// Values of all records.
std::vector<float> values_of(std::string const& path, std::vector<csv_input> const& inputs) {
  csv_reader csv(path);
  std::vector<float> all;
  while (csv.next())
    for (auto const& i : inputs) all.push_back(i.value(csv, csv.column(i.name)));
  return all;
}

}  // namespace

TEST_CASE("csv_inputs: columns are found out") {
  scratch_folder const folder;
  auto const path = folder.file("t.csv", as_bytes(shop));
  auto const inputs = fitted(path, {.ignored = {"note"}});
  REQUIRE(inputs.size() == 4);
  CHECK(inputs[0].name == "kind");
  CHECK_FALSE(inputs[0].numeric);
  CHECK(inputs[0].words.values.all() == std::vector<std::string>{"b", "a"});
  CHECK(inputs[1].name == "amount");
  CHECK(inputs[1].numeric);
  CHECK(inputs[1].logarithmic);    // beyond 100
  CHECK_FALSE(inputs[2].numeric);  // one cell is no number
  CHECK(inputs[2].words.ids() == 5);
  CHECK(inputs[3].numeric);
  CHECK_FALSE(inputs[3].logarithmic);
  CHECK(inputs[3].missing == 2);
  CHECK(inputs[0].as_column() == column{.name = "kind", .ids = 4});
  CHECK(inputs[1].as_column() == column{.name = "amount"});
  float const mean = static_cast<float>((std::log1p(10.) - std::log1p(300.5)) / 2);
  auto const v = values_of(path, inputs);
  CHECK(v[1] == doctest::Approx(std::log1p(10.)));
  CHECK(v[5] == doctest::Approx(-std::log1p(300.5)));
  CHECK(v[9] == doctest::Approx(mean));
  CHECK(v[7] == 2);  // the empty size
  CHECK(v[0] == 2);
  CHECK(v[4] == 3);
}

TEST_CASE("csv_inputs: columns are named") {
  scratch_folder const folder;
  auto const path = folder.file("t.csv", as_bytes(shop));
  auto const inputs = fitted(path, {.categorical = {"note", "kind"}, .numeric = {"amount"}, .most_values = 1});
  REQUIRE(inputs.size() == 3);  // in the order of the file
  CHECK(inputs[0].name == "kind");
  CHECK_FALSE(inputs[1].logarithmic);
  CHECK(inputs[1].missing == doctest::Approx(-145.25));
  CHECK(inputs[2].words.values.all() == std::vector<std::string>{"x"});
  auto const v = values_of(path, inputs);
  CHECK(v[3] == vocabulary::unknown);  // a: beyond most_values
  CHECK(v[2] == vocabulary::unknown);  // the empty note
  CHECK(fitted(path, {.categorical = {"kind"}, .least_count = 2})[0].words.values.all() ==
        std::vector<std::string>{"b"});
  CHECK(fitted(path, {.numeric = {"size", "amount"}, .logarithmic = {"size"}})[1].logarithmic);
  CHECK(fitted(path, {.logarithmic = {"size"}})[4].logarithmic);
  CHECK_FALSE(fitted(path, {.logarithmic = {"size"}})[1].logarithmic);  // the list is all of them
}

TEST_CASE("csv_inputs: the vocabulary of the training file is used for every file") {
  scratch_folder const folder;
  auto const inputs = fitted(folder.file("t.csv", as_bytes(shop)), {.categorical = {"kind"}});
  CHECK(values_of(folder.file("u.csv", as_bytes("kind,other\na,1\nz,2\nb,3\n")), inputs) ==
        std::vector<float>{3, 1, 2});
}

TEST_CASE("csv_inputs: a wrong cell among numbers is not taken for a category") {
  scratch_folder const folder;
  std::string text = "id,x\n";
  for (int i = 0; i < 60; ++i) text += "1," + std::to_string(i) + "\n";
  auto const path = folder.file("t.csv", as_bytes(text + "1,nan\n1,5\n"));
  CHECK(says(fit_error(path), "t.csv' line 62, column 'x': expected a number as in most other lines, found 'nan'",
             "name the column as categorical"));
  CHECK(fitted(path, {.categorical = {"x"}, .most_values = 20})[0].words.ids() == 22);
  CHECK(says(fit_error(path, {.numeric = {"x"}}),
             "line 62, column 'x': expected a number (at most 1e30 in size), found 'nan'"));
  CHECK(says(fit_error(path, {.logarithmic = {"x"}}),
             "line 62, column 'x': expected a number in a logarithmic column, found 'nan'"));
  // Where many are no numbers, or there are few values, it is one.
  CHECK(fitted(folder.file("k.csv", as_bytes("id,kids\n1,0\n1,1\n1,2\n1,0\n1,1\n1,2\n1,1\n1,2\n1,0\n1,3+\n")))[0]
            .words.ids() == 6);
  std::string codes = "id,x\n";
  for (int i = 0; i < 50; ++i) codes += "1," + std::string(i % 2 == 0 ? "a" : "") + std::to_string(i) + "\n";
  CHECK(fitted(folder.file("c.csv", as_bytes(codes)), {.most_values = 20})[0].words.ids() == 22);
}

TEST_CASE("csv_inputs: wrong settings and files") {
  scratch_folder const folder;
  auto const path = folder.file("t.csv", as_bytes(shop));
  auto const wrong = [&](input_settings const& s) {
    return thrown<petra::setting_error>([&] { static_cast<void>(fitted(path, s)); });
  };
  CHECK(says(wrong({.most_values = 0}), "most_values must lie in [1, 1000000]", "found 0 and 1"));
  CHECK(says(wrong({.least_count = 0}), "least_count be >= 1, found 1000 and 0"));
  CHECK(says(wrong({.categorical = {"kind"}, .numeric = {"kind"}}), "one task for each column, found two for 'kind'"));
  CHECK(says(wrong({.numeric = {"id"}}), "one task for each column, found two for 'id'"));
  CHECK(
      says(wrong({.numeric = {"amount"}, .logarithmic = {"size"}}), "among the numeric ones, found 'size' not there"));
  CHECK(says(fit_error(path, {.numeric = {"amuont"}}), "line 1: expected a column 'amuont', found id, kind, amount"));
  CHECK(says(fit_error(path, {.ignored = {"nota"}}), "expected a column 'nota'"));
  CHECK(says(fit_error(folder.file("e.csv", as_bytes("id,x\n"))),
             "e.csv': expected at least one record after the header, found none"));
}
