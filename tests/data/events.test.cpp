#include "petra/data/events.hpp"

#include <doctest/doctest.h>

#include "malformed.hpp"
#include "petra/data/split.hpp"

using namespace petra_test;
using namespace petra::data;
using petra::index_t;
using strings = std::vector<std::string>;

namespace {

// Client 2 comes twice in the events, out of order; client 7 has one event.
char const* const bank_events =
    "id,day,kind,sum\n"
    "2,2020-01-03,b,3\n"
    "7,2020-01-05,a,1\n"
    "2,2020-01-01,a,\n"
    "5,2020-01-02,c,2\n"
    "2,2020-01-03,c,6\n";
char const* const bank_labels = "id,class,age\n5,yes,30\n2,no,40\n7,yes,50\n";

struct event_files {
  scratch_folder folder;
  std::string events, labels;
  event_files(std::string_view e = bank_events, std::string_view l = bank_labels)
      : events(folder.file("events.csv", as_bytes(e))), labels(folder.file("labels.csv", gzip(as_bytes(l)))) {}
  template <class Set = labeled_sequences>
  [[nodiscard]] Set fit(event_settings const& s, event_schema& schema, strings* clients = nullptr) const {
    return fit_events<Set>(events, labels, s, schema, clients);
  }
  [[nodiscard]] std::string error(event_settings const& s = {}) const {
    return io_message([&] {
      event_schema schema;
      static_cast<void>(fit(s, schema));
    });
  }
};

float log_days(double days) { return static_cast<float>(signed_log(days)); }

}  // namespace

TEST_CASE("events: grouped by client in the order of the labels, sorted by time, equal times as in the file") {
  event_files const f;
  event_schema schema;
  strings clients;
  auto const set = f.fit({}, schema, &clients);
  CHECK(clients == strings{"5", "2", "7"});
  CHECK(set.start == std::vector<index_t>{0, 1, 4, 5});
  CHECK(set.y == std::vector<std::int32_t>{1, 0, 1});
  CHECK(set.class_names == strings{"no", "yes"});
  CHECK(set.length == 3);
  REQUIRE(set.channels() == 4);
  // kind: a and c come twice, b once. The empty sum is the mean of the others.
  std::vector<float> const expected{3, 2, 0,           log_days(3),  //
                                    2, 3, 0,           log_days(4),
                                    4, 3, log_days(2), log_days(2),
                                    3, 6, 0,           log_days(2),  //
                                    2, 1, 0,           0};
  CHECK(set.x == expected);
  CHECK(schema.kind == time_kind::day);
  CHECK(schema.columns == set.columns);
  CHECK(schema.columns[0].ids == 5);
  CHECK(schema.columns[1].mean == 3);
}

TEST_CASE("events: a test part is read in the schema of the training part") {
  event_files const f;
  event_schema schema;
  auto const train =
      f.fit({.inputs = {.categorical = {"kind"}, .numeric = {"sum"}}, .reference = "2020-02-01"}, schema);
  event_files const g("sum,kind,day,id\n4,z,2020-02-02,9\n,a,2020-01-31,9\n", "age,id,class\n1,9,no\n");
  strings clients;
  auto const test = read_events<labeled_sequences>(g.events, g.labels, schema, &clients);
  CHECK(clients == strings{"9"});
  CHECK(test.columns == train.columns);
  CHECK(test.length == 3);
  CHECK(test.class_names == train.class_names);
  CHECK(test.x == std::vector<float>{2, 3, 0, log_days(1), 1, 4, log_days(2), log_days(-1)});
  event_files const moments("sum,kind,day,id\n4,z,2020-02-02 00:00,9\n", "age,id,class\n1,9,no\n");
  CHECK(says(
      io_message([&] { static_cast<void>(read_events<labeled_sequences>(moments.events, moments.labels, schema)); }),
      "events.csv' line 2, column 'day': expected a day (1997-01-12) as in the events before, found '2020-02-02 "
      "00:00'"));
  event_files const other("sum,kind,day,id\n4,z,2020-02-02,9\n", "age,id,class\n1,9,maybe\n");
  CHECK(says(io_message([&] { static_cast<void>(read_events<labeled_sequences>(other.events, other.labels, schema)); }),
             "labels.csv' line 2, column 'class': expected one of the 2 classes of the training part, found 'maybe'"));
}

TEST_CASE("events: columns of the labels file are the same in every step") {
  event_files const f;
  event_schema schema;
  auto const set = f.fit({.inputs = {.categorical = {"kind"}},
                          .since_previous = false,
                          .to_reference = false,
                          .statics = {.numeric = {"age"}}},
                         schema);
  CHECK(set.x == std::vector<float>{3, 30, 2, 40, 4, 40, 3, 40, 2, 50});
}

TEST_CASE("events: numbers to predict, one or several") {
  event_files const f(bank_events, "id,score,age\n5,-1.5,30\n2,0,40\n7,2,50\n");
  event_schema schema;
  auto const one = f.fit<target_sequences>({}, schema);
  CHECK(one.target_count == 1);
  CHECK(one.y == std::vector<float>{-1.5f, 0, 2});
  auto const two = f.fit<target_sequences>({.targets = {"age", "score"}}, schema);
  CHECK(two.target_count == 2);
  CHECK(two.y == std::vector<float>{30, -1.5f, 40, 0, 50, 2});
  event_files const bad(bank_events, "id,score\n5,1\n2,NaN\n7,2\n");
  CHECK(says(io_message([&] { static_cast<void>(bad.fit<target_sequences>({}, schema)); }),
             "labels.csv' line 3, column 'score': expected a number (at most 1e30 in size), found 'NaN'"));
}

TEST_CASE("events: clients without events or without label are an error, or left out") {
  event_files const f(bank_events, "id,class\n5,yes\n2,\n7,yes\n8,no\n");
  CHECK(says(f.error(),
             "labels.csv' line 3, column 'class': expected a label for every client (or "
             "event_settings::drop_incomplete), found nothing"));
  event_schema schema;
  strings clients;
  auto const set = f.fit({.drop_incomplete = true}, schema, &clients);
  CHECK(clients == strings{"5", "7"});
  CHECK(set.y == std::vector<std::int32_t>{1, 1});
  CHECK(set.size() == 2);
  CHECK(says(event_files(bank_events, "id,class\n5,yes\n2,no\n7,yes\n8,no\n").error(),
             "labels.csv' line 5: expected events of client '8' in '", "events.csv'", "found none"));
  CHECK(says(event_files(bank_events, "id,class\n5,yes\n2,no\n").error(),
             "events.csv' line 3, column 'id': expected a client of '", "labels.csv'", "found '7'"));
  CHECK(event_files(bank_events, "id,class\n5,yes\n2,no\n").error({.drop_incomplete = true}) == "no exception");
  CHECK(says(event_files(bank_events, "id,class\n9,yes\n").error({.drop_incomplete = true}),
             "expected at least one client with events and a label, found none"));
}

TEST_CASE("events: errors name file, line and column") {
  CHECK(says(event_files(bank_events, "id,class\n5,yes\n2,no\n7,yes\n2,yes\n").error(),
             "labels.csv' line 5, column 'id': expected every client once, found '2' again, after line 3"));
  CHECK(says(event_files(bank_events, "id,class\n,yes\n").error(),
             "line 2, column 'id': expected a client, found nothing"));
  CHECK(says(
      event_files("id,day,sum\n5,yesterday,1\n", "id,class\n5,yes\n").error(),
      "events.csv' line 2, column 'day': expected a time: a number, a month, a day or a moment, found 'yesterday'"));
  CHECK(says(event_files("id,day,sum\n5,2020-01-01,1\n5,2020-01,1\n", "id,class\n5,yes\n").error(),
             "line 3, column 'day': expected a day (1997-01-12) as in the events before, found '2020-01'"));
  CHECK(says(event_files("id,day,sum\n5,2020-01-01\n", "id,class\n5,yes\n").error(),
             "events.csv' line 2: expected 3 fields as in the header, found 2"));
  CHECK(says(event_files("id,day,sum\n", "id,class\n5,yes\n").error(), "events.csv': expected at least one record"));
  event_files const f;
  CHECK(says(thrown<petra::setting_error>([&] {
               event_schema schema;
               static_cast<void>(f.fit({.reference = "2020"}, schema));
             }),
             "expected as reference a day (1997-01-12) as in the events, found '2020'"));
}

TEST_CASE("events: a folder, and which file is missing") {
  scratch_folder const folder;
  for (char const* part : {"train", "test"}) {
    folder.file(std::string(part) + "_events.csv", as_bytes(bank_events));
    folder.file(std::string(part) + "_labels.csv.gz", gzip(as_bytes(bank_labels)));
  }
  auto const loaded = load_events(folder.path());
  CHECK(loaded.train.x == loaded.test.x);
  CHECK(loaded.train.columns == loaded.test.columns);
  CHECK(loaded.test_clients == strings{"5", "2", "7"});
  auto const parts = split(loaded.train, 0.4, 1);
  CHECK(parts.train.size() + parts.valid.size() == 3);
  auto const numbers = load_events<target_sequences>(folder.path(), {.targets = {"age"}});
  CHECK(numbers.test.y == std::vector<float>{30, 40, 50});
  folder.remove("test_labels.csv.gz");
  CHECK(says(io_message([&] { static_cast<void>(load_events(folder.path())); }),
             "expected a file test_labels.csv or test_labels.csv.gz, found neither"));
}

TEST_CASE("events: damaged files are read validly or name themselves") {
  std::string events = "id,day,kind,sum\n", labels = "id,class\n";
  for (int c = 0; c < 12; ++c) {
    labels += std::to_string(c) + (c % 3 == 0 ? ",yes\n" : ",no\n");
    for (int e = 0; e < 3; ++e)
      events += std::to_string(c) + ",2020-01-0" + std::to_string(1 + e) + "," + "xyz"[(c + e) % 3] + "," +
                std::to_string(0.5 * c + e) + "\n";
  }
  auto const sound = [](labeled_sequences const& s) {
    std::vector<float> x(static_cast<std::size_t>(s.sample_shape().count()));
    bool all = static_cast<index_t>(s.y.size()) == s.size() && s.length >= 1;
    for (index_t i = 0; i < s.size(); ++i) {
      all = all && s.steps(i) >= 1 && s.label(i) >= 0 && s.label(i) < s.classes();
      s.read(i, x.data());
      for (std::size_t k = 0; k < x.size(); ++k) {
        auto const ids = s.columns[k % s.columns.size()].ids;
        all = all && std::isfinite(x[k]) && (ids == 0 || (x[k] >= 0 && x[k] < static_cast<float>(ids)));
      }
    }
    return all;
  };
  scratch_folder const folder;
  std::string const good_events = folder.file("e.csv", as_bytes(events)),
                    good_labels = folder.file("l.csv", as_bytes(labels));
  for (bool const drop : {false, true}) {
    event_settings const s{.drop_incomplete = drop};
    CHECK(read_damaged(as_bytes(events), [&](std::string const& path) {
            event_schema schema;
            return sound(fit_events<labeled_sequences>(path, good_labels, s, schema));
          }) > 20);
    CHECK(read_damaged(as_bytes(labels), [&](std::string const& path) {
            event_schema schema;
            return sound(fit_events<labeled_sequences>(good_events, path, s, schema));
          }) > 20);
  }
}

TEST_CASE("events: the real sets") {
  for (auto const& [name, label, train, test, steps, classes] :
       {std::tuple{"cdnow", "churn", 14128, 4735, 33664, 2},
        std::tuple{"credit_default", "default_next_month", 18013, 6046, 108078, 2},
        std::tuple{"berka_1993", "age_group", 744, 233, 28698, 4},
        std::tuple{"completejourney", "income", 496, 142, 26393, 12}}) {
    std::string const folder = real_data(std::string("finance/") + name);
    if (folder.empty()) return;
    auto const loaded = load_events(folder, {.label = label});
    CHECK(loaded.train.size() == train);
    CHECK(loaded.test.size() == test);
    CHECK(loaded.train.start.back() == steps);
    CHECK(loaded.train.classes() == classes);
  }
  auto const money = load_events<target_sequences>(real_data("finance/cdnow"), {.targets = {"future_amount_usd"}});
  CHECK(money.train.y[0] == 0);
  CHECK(money.train.y[1] == 16.99f);
}
