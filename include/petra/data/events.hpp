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
// Cost: 1 us an event of six columns for a training part, half of it for others. Streams over the files; memory is twice
// that of the sequences.
#pragma once
#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "petra/data/batch.hpp"
#include "petra/data/event_rows.hpp"

namespace petra::inline PETRA_ABI::data {

// Both parts of a folder, with what was fitted on the first. Set: labeled_sequences or target_sequences.
template <dataset Set>
struct event_folder {
  Set train, test;
  std::vector<std::string> train_clients, test_clients;  // of each sequence
  event_schema schema;
};

namespace detail {

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
