// The two files of event sequences as rows: clients with their answers, events with their times; and the events put in the
// order of client and time.
#pragma once
#include <algorithm>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include "petra/core/order.hpp"
#include "petra/data/event_schema.hpp"

namespace petra::inline PETRA_ABI::data {

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
template <class = void>
[[nodiscard, gnu::cold]] event_rows read_event_rows(std::string const& path, std::string const& labels,
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
template <class = void>
[[nodiscard, gnu::cold]] std::vector<index_t> events_by_client(event_rows const& rows, std::vector<index_t>& first) {
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

}  // namespace detail
}  // namespace petra::data
