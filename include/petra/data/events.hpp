// Reader for events of clients: one CSV file of events (client, time, columns), one of labels (client, label, columns). A
// client's events in the order of time are its sequence.
//
//     auto const bank = load_events("credit_default", {.inputs = {.categorical = {"repay_status"}, .numeric = {"bill_amount"}}});
//
// Properties: sequences are in the order of the labels file, events of equal time in the order of the events file, which
// need not be sorted. Every client is one sequence, so that a split of sequences is one by client. Everything fitted is
// fitted on the training part. The columns of a step: those of the events, since_previous, to_reference, those of the
// labels file (the same in every step).
// Throws: io_error naming file, line and column: what CSV refuses, a client that comes twice in the labels, one without
// events or label (unless dropped), a time of another kind, a class that the training part does not have.
// Cost: streams over the files; the memory of the sequences and 16 bytes an event more.
#pragma once
#include <unistd.h>

#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "petra/core/order.hpp"
#include "petra/data/batch.hpp"
#include "petra/data/event_schema.hpp"

namespace petra::inline PETRA_ABI::data {

// Both parts of a folder, with what was fitted on the first. Set: labeled_sequences or target_sequences.
template <dataset Set>
struct event_folder {
  Set train, test;
  std::vector<std::string> train_clients, test_clients;  // of each sequence
  event_schema schema;
};

namespace detail {

// The labels file.
template <class Answer>
struct client_rows {
  string_table client;
  std::vector<index_t> line;
  std::vector<char> complete;  // has a label
  std::vector<Answer> y;       // (clients, answers)
  std::vector<float> x;        // (clients, statics)
};

template <class Answer>
[[nodiscard, gnu::cold]] client_rows<Answer> read_clients(std::string const& path, event_schema const& s) {
  csv_reader csv(path);
  client_rows<Answer> rows;
  index_t const client = csv.column(s.client);
  std::vector<index_t> answers, statics;
  for (std::string const& name : s.answers) answers.push_back(csv.column(name));
  for (csv_input const& i : s.statics) statics.push_back(csv.column(i.name));
  while (csv.next()) {
    index_t const known = rows.client.find(csv[client]);
    if (known >= 0)
      csv.fail(client, "every client once",
               concat({shown(csv[client]), " again, after line ", rows.line[static_cast<std::size_t>(known)]}));
    if (csv[client].empty()) csv.fail(client, "a client");
    rows.client.insert(csv[client]);
    rows.line.push_back(csv.line());
    bool complete = true;
    for (index_t const a : answers) complete = complete && !csv[a].empty();
    if (!complete && !s.drop_incomplete)
      csv.fail(answers[0], "a label for every client (or event_settings::drop_incomplete)");
    rows.complete.push_back(complete);
    for (index_t const a : answers) {
      if (!complete) {
        rows.y.push_back(0);
      } else if constexpr (std::is_same_v<Answer, float>) {
        rows.y.push_back(static_cast<float>(csv.number(a)));
      } else {
        index_t const c = s.classes.find(csv[a]);
        if (c < 0) csv.fail(a, concat({"one of the ", s.classes.size(), " classes of the training part"}));
        rows.y.push_back(static_cast<std::int32_t>(c));
      }
    }
    for (std::size_t i = 0; i < statics.size(); ++i) rows.x.push_back(s.statics[i].value(csv, statics[i]));
  }
  return rows;
}

// The events file, in its order.
struct event_rows {
  std::vector<std::int32_t> client;  // its place in the labels file
  std::vector<double> time;
  std::vector<float> x;  // (events, inputs)
  event_time last{};     // the latest one
};

// With `first_reading` the first event decides which kind of times the file has, else the schema.
[[nodiscard, gnu::cold]] inline event_rows read_event_rows(std::string const& path, std::string const& labels,
                                                           string_table const& clients, event_schema const& s,
                                                           bool first_reading) {
  csv_reader csv(path);
  event_rows rows;
  index_t const client = csv.column(s.client), time = csv.column(s.time);
  std::vector<index_t> inputs;
  for (csv_input const& i : s.inputs) inputs.push_back(csv.column(i.name));
  index_t of = -1;  // events of one client mostly follow one another
  rows.last.kind = s.kind;
  while (csv.next()) {
    if (of < 0 || clients[of] != csv[client]) of = clients.find(csv[client]);
    if (of < 0) {
      if (s.drop_incomplete) continue;
      csv.fail(client, concat({"a client of '", labels, "' (or event_settings::drop_incomplete)"}));
    }
    event_time t;
    if (!parse_time(csv[time], t)) csv.fail(time, "a time: a number, a month, a day or a moment");
    if (rows.time.empty() && first_reading)
      rows.last = t;
    else if (t.kind != rows.last.kind)
      csv.fail(time, concat({name_of(rows.last.kind), " as in the events before"}));
    rows.last.value = rows.time.empty() ? t.value : std::max(rows.last.value, t.value);
    rows.client.push_back(static_cast<std::int32_t>(of));
    rows.time.push_back(t.value);
    for (std::size_t i = 0; i < inputs.size(); ++i) rows.x.push_back(s.inputs[i].value(csv, inputs[i]));
  }
  return rows;
}

// Events of each client together, in the order of time. first (clients + 1): where those of a client begin.
[[nodiscard, gnu::cold]] inline std::vector<index_t> events_by_client(event_rows const& rows,
                                                                      std::vector<index_t>& first) {
  for (std::int32_t const c : rows.client) ++first[static_cast<std::size_t>(c) + 1];
  for (std::size_t c = 1; c < first.size(); ++c) first[c] += first[c - 1];
  std::vector<index_t> order(rows.client.size()), next(first.begin(), first.end() - 1), sorted;
  for (std::size_t e = 0; e < order.size(); ++e)
    order[static_cast<std::size_t>(next[static_cast<std::size_t>(rows.client[e])]++)] = static_cast<index_t>(e);
  double const* const time = rows.time.data();
  for (std::size_t c = 0; c + 1 < first.size(); ++c) {
    index_t* const own = order.data() + first[c];
    auto const n = static_cast<std::size_t>(first[c + 1] - first[c]);
    auto const before = [=](index_t a, index_t b) { return time[own[a]] < time[own[b]]; };
    bool in_order = true;
    for (std::size_t i = 1; i < n && in_order; ++i) in_order = time[own[i - 1]] <= time[own[i]];
    if (in_order) continue;
    sorted.clear();
    for (index_t const i : ascending(n, before)) sorted.push_back(own[i]);
    std::copy(sorted.begin(), sorted.end(), own);
  }
  return order;
}

// Sequences of the clients that have events and a label.
template <class Set>
[[gnu::cold]] void fill_sequences(event_rows const& rows, client_rows<answer<Set>> const& clients,
                                  event_schema const& s, std::string const& events, std::string const& labels, Set& set,
                                  std::vector<std::string>& names) {
  std::vector<index_t> first(static_cast<std::size_t>(clients.client.size()) + 1);
  std::vector<index_t> const order = events_by_client(rows, first);
  std::size_t const inputs = s.inputs.size(), statics = s.statics.size(), answers = s.answers.size();
  set.columns = s.columns;
  set.keep_last = s.keep_last;
  set.start.assign(1, 0);
  set.x.reserve(order.size() * s.columns.size());
  for (std::size_t c = 0; c < clients.line.size(); ++c) {
    bool const has_events = first[c + 1] > first[c];
    if (!has_events && !s.drop_incomplete)
      throw_error<io_error>({"'", labels, "' line ", clients.line[c], ": expected events of client ",
                             shown(clients.client.all()[c]), " in '", events,
                             "' (or event_settings::drop_incomplete), found none"});
    if (!has_events || !clients.complete[c]) continue;
    double before = 0;
    for (index_t at = first[c]; at < first[c + 1]; ++at) {
      auto const e = static_cast<std::size_t>(order[static_cast<std::size_t>(at)]);
      double const time = rows.time[e];
      for (std::size_t i = 0; i < inputs; ++i) set.x.push_back(rows.x[e * inputs + i]);
      if (s.since_previous) set.x.push_back(static_cast<float>(at == first[c] ? 0 : signed_log(time - before)));
      if (s.to_reference) set.x.push_back(static_cast<float>(signed_log(s.reference - time)));
      for (std::size_t i = 0; i < statics; ++i) set.x.push_back(clients.x[c * statics + i]);
      before = time;
    }
    set.start.push_back(set.start.back() + first[c + 1] - first[c]);
    for (std::size_t a = 0; a < answers; ++a) set.y.push_back(clients.y[c * answers + a]);
    names.push_back(clients.client.all()[c]);
  }
  if (set.size() == 0)
    throw_error<io_error>({"'", labels, "': expected at least one client with events and a label, found none"});
  if constexpr (labeled<Set>) {
    set.class_count = s.classes.size();
    set.class_names = s.classes.all();
  } else {
    set.target_count = static_cast<index_t>(answers);
  }
}

// Path of a file of the folder, plain or gzip; plain if both are there.
[[nodiscard, gnu::cold]] inline std::string plain_or_gzip(std::string const& folder, char const* name) {
  std::string const plain = concat({folder, "/", name}), packed = plain + ".gz";
  if (::access(plain.c_str(), F_OK) == 0) return plain;
  if (::access(packed.c_str(), F_OK) == 0) return packed;
  throw_error<io_error>({"the folder '", folder, "': expected a file ", name, " or ", name, ".gz, found neither"});
}

}  // namespace detail

// Events and labels in a schema that was fitted before; `clients`: whose the sequences are.
template <dataset Set>
[[nodiscard, gnu::cold]] Set read_events(std::string const& events, std::string const& labels,
                                         event_schema const& schema, std::vector<std::string>* clients = nullptr) {
  auto const of = detail::read_clients<answer<Set>>(labels, schema);
  auto const rows = detail::read_event_rows(events, labels, of.client, schema, false);
  Set set;
  std::vector<std::string> names;
  detail::fill_sequences(rows, of, schema, events, labels, set, names);
  set.length = schema.length;
  if (clients != nullptr) *clients = std::move(names);
  return set;
}

// A training part: fits the schema as well.
template <dataset Set>
[[nodiscard, gnu::cold]] Set fit_events(std::string const& events, std::string const& labels, event_settings const& s,
                                        event_schema& schema, std::vector<std::string>* clients = nullptr) {
  schema = fit_event_schema(events, labels, s, labeled<Set>);
  auto const of = detail::read_clients<answer<Set>>(labels, schema);
  auto const rows = detail::read_event_rows(events, labels, of.client, schema, true);
  schema.kind = rows.last.kind;
  schema.reference = rows.last.value;
  if (event_time t; !s.reference.empty()) {
    if (!parse_time(s.reference, t) || t.kind != schema.kind)
      throw_error<setting_error>({"event_settings: expected as reference ", name_of(schema.kind),
                                  " as in the events, found '", s.reference, "'"});
    schema.reference = t.value;
  }
  Set set;
  std::vector<std::string> names;
  detail::fill_sequences(rows, of, schema, events, labels, set, names);
  if (schema.length == 0)
    for (index_t i = 0; i < set.size(); ++i) schema.length = std::max(schema.length, set.steps(i));
  set.length = schema.length;
  fit_columns(set);
  schema.columns = set.columns;
  if (clients != nullptr) *clients = std::move(names);
  return set;
}

// A folder with train_events, train_labels, test_events and test_labels, each .csv or .csv.gz.
template <dataset Set = labeled_sequences>
[[nodiscard, gnu::cold]] event_folder<Set> load_events(std::string const& folder, event_settings const& s = {}) {
  std::string const path[] = {
      detail::plain_or_gzip(folder, "train_events.csv"), detail::plain_or_gzip(folder, "train_labels.csv"),
      detail::plain_or_gzip(folder, "test_events.csv"), detail::plain_or_gzip(folder, "test_labels.csv")};
  event_folder<Set> loaded;
  loaded.train = fit_events<Set>(path[0], path[1], s, loaded.schema, &loaded.train_clients);
  loaded.test = read_events<Set>(path[2], path[3], loaded.schema, &loaded.test_clients);
  return loaded;
}

}  // namespace petra::data
