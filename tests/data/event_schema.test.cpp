#include "petra/data/event_schema.hpp"

#include <doctest/doctest.h>

#include "malformed.hpp"

using namespace petra_test;
using namespace petra::data;
using strings = std::vector<std::string>;

namespace {

struct schema_files {
  scratch_folder folder;
  std::string events, labels;
  schema_files(std::string_view e = "id,day,kind,sum,note\n1,2020-01-01,a,5,x\n2,2020-01-02,b,700,y\n",
               std::string_view l = "id,class,age,sex,score\n1,no,30,m,0.5\n2,yes,40,f,1.5\n")
      : events(folder.file("events.csv", as_bytes(e))), labels(folder.file("labels.csv", as_bytes(l))) {}
  [[nodiscard]] event_schema fit(event_settings const& s = {}, bool classes = true) const {
    return fit_event_schema(events, labels, s, classes);
  }
  [[nodiscard]] std::string error(event_settings const& s = {}, bool classes = true) const {
    return io_message([&] { static_cast<void>(fit(s, classes)); });
  }
};

strings names_of(event_schema const& s) {
  strings names;
  for (auto const& c : s.columns) names.push_back(c.name);
  return names;
}

}  // namespace

TEST_CASE("event_schema: without settings the first columns are client, time and label, all others are found out") {
  auto const s = schema_files().fit();
  CHECK(s.client == "id");
  CHECK(s.time == "day");
  CHECK(s.answers == strings{"class"});
  CHECK(s.classes.all() == strings{"no", "yes"});
  CHECK(names_of(s) == strings{"kind", "sum", "note", "since_previous", "to_reference"});
  CHECK(s.columns[0].ids == 4);
  CHECK(s.columns[1].ids == 0);
  CHECK(s.inputs[1].logarithmic);
  CHECK(s.statics.empty());
}

TEST_CASE("event_schema: settings name columns") {
  auto const s = schema_files().fit({.client = "id",
                                     .time = "day",
                                     .inputs = {.categorical = {"kind"}},
                                     .since_previous = false,
                                     .label = "sex",
                                     .statics = {.categorical = {"class"}, .numeric = {"age"}},
                                     .length = 7,
                                     .keep_last = false});
  CHECK(names_of(s) == strings{"kind", "to_reference", "class", "age"});
  CHECK(s.classes.all() == strings{"f", "m"});
  CHECK(s.length == 7);
  CHECK_FALSE(s.keep_last);
  auto const numbers = schema_files().fit({.targets = {"score", "age"}}, false);
  CHECK(numbers.answers == strings{"score", "age"});
  CHECK(numbers.classes.size() == 0);
  CHECK(schema_files().fit({}, false).answers == strings{"class"});
}

TEST_CASE("event_schema: errors name the file and what is there") {
  schema_files const f;
  CHECK(says(f.error({.client = "client"}), "events.csv' line 1: expected a column 'client', found id, day, kind"));
  CHECK(says(f.error({.time = "time"}), "expected a column 'time'"));
  CHECK(says(f.error({.label = "churn"}), "labels.csv' line 1: expected a column 'churn', found id, class, age"));
  CHECK(says(f.error({.targets = {"churn"}}, false), "labels.csv' line 1: expected a column 'churn'"));
  CHECK(says(f.error({.statics = {.numeric = {"sex"}}}), "labels.csv' line 2, column 'sex': expected a number",
             "found 'm'"));
  CHECK(says(schema_files("id,day\n1,2\n", "client,class\n1,a\n").error(),
             "labels.csv' line 1: expected the client's column 'id' first, as in the events, found 'client'"));
  CHECK(says(schema_files("id\n1\n").error(), "events.csv' line 1: expected at least 2 columns, found 1"));
  CHECK(says(schema_files("id,day\n1,2\n", "id\n1\n").error(), "labels.csv' line 1: expected at least 2 columns"));
  CHECK(
      says(schema_files("id,day\n1,2\n", "id,class\n1,\n").error(), "expected a label in column 'class', found none"));
  CHECK(says(schema_files("id,day\n1,2\n").error({.since_previous = false, .to_reference = false}),
             "expected a column besides client and time, found none"));
  std::string many = "id,class\n";
  for (int i = 0; i <= 10000; ++i) many += "1,c" + std::to_string(i) + "\n";
  CHECK(says(schema_files("id,day\n1,2\n", many).error(),
             "labels.csv' line 10002, column 'class': expected at most 10000 classes, found one more"));
  CHECK(says(thrown<petra::setting_error>([&] { static_cast<void>(f.fit({.length = -1})); }),
             "length must be >= 0, found -1"));
}
