// How events of clients become sequences: the user's settings, and what is fitted on the training part alone (kinds of
// columns, vocabularies, the reference time, classes, length, normalization).
#pragma once
#include <string>
#include <vector>

#include "petra/data/class_names.hpp"
#include "petra/data/csv_inputs.hpp"
#include "petra/data/event_time.hpp"

namespace petra::inline PETRA_ABI::data {

struct event_settings {
  std::string client{};     // column of both files; "": the first one of each
  std::string time{};       // "": the second column of the events
  input_settings inputs{};  // columns of the events
  // Added columns, signed logarithms of times in days (seconds where the file has moments, the file's unit where it has
  // numbers): from the event before, 0 for the first one; and until `reference`.
  bool since_previous = true, to_reference = true;
  std::string reference{};             // a time as in the file; "": the last event of the training part
  std::string label{};                 // column of the labels file; "": the second one
  std::vector<std::string> targets{};  // the same for numbers to predict, one or several
  // Columns of the labels file as extra inputs, the same in every step of a client; found out only if they are named.
  input_settings statics{};
  bool drop_incomplete = false;  // leave out clients without events or label instead of refusing the files
  index_t length = 0;            // L; 0: the longest sequence of the training part
  bool keep_last = true;         // of a sequence of more than L events; false: the first L
};

struct event_schema {
  std::string client, time;
  time_kind kind = time_kind::number;
  double reference = 0;
  bool since_previous = true, to_reference = true, drop_incomplete = false, keep_last = true;
  std::vector<csv_input> inputs, statics;
  std::vector<std::string> answers;  // columns: the label, or the numbers to predict
  string_table classes;              // class c at place c; none: numbers to predict
  index_t length = 0;
  std::vector<column> columns;  // of the sequences: inputs, times, statics
};

namespace detail {

// The column of the given name, or the one at the given place if the name is empty.
template <class = void>
[[nodiscard, gnu::cold]] std::string column_name(csv_reader const& csv, std::string const& name, std::size_t place) {
  if (!name.empty()) {
    static_cast<void>(csv.column(name));
    return name;
  }
  if (place >= csv.names().size())
    throw_error<io_error>(
        {"'", csv.path(), "' line 1: expected at least ", place + 1, " columns, found ", csv.names().size()});
  return csv.names()[place];
}

template <class = void>
[[nodiscard, gnu::cold]] string_table classes_in(std::string const& labels, std::string const& label) {
  csv_reader csv(labels);
  index_t const at = csv.column(label);
  string_table values;
  while (csv.next())
    if (!csv[at].empty() && values.insert(csv[at]) >= most_classes)
      csv.fail(at, concat({"at most ", most_classes, " classes"}), "one more; is it a number to predict?");
  if (values.size() == 0)
    throw_error<io_error>({"'", labels, "': expected a label in column '", label, "', found none"});
  return number_classes(values);
}

}  // namespace detail

// All of the schema but the reference, the kind of time, the length and the normalization, which come with the events.
// Throws: io_error, setting_error. `with_classes`: else numbers to predict.
template <class = void>
[[nodiscard, gnu::cold]] event_schema fit_event_schema(std::string const& events, std::string const& labels,
                                                       event_settings const& s, bool with_classes) {
  if (s.length < 0) throw_error<setting_error>({"event_settings: length must be >= 0, found ", s.length});
  event_schema schema;
  csv_reader const event(events), answer(labels);
  schema.client = detail::column_name(event, s.client, 0);
  schema.time = detail::column_name(event, s.time, 1);
  std::string const client = detail::column_name(answer, s.client, 0);
  if (client != schema.client)
    throw_error<io_error>({"'", labels, "' line 1: expected the client's column '", schema.client,
                           "' first, as in the events, found '", client, "'; name it in event_settings::client"});
  if (with_classes || s.targets.empty())
    schema.answers = {detail::column_name(answer, with_classes ? s.label : std::string(), 1)};
  else
    schema.answers = s.targets;
  for (std::string const& name : schema.answers) static_cast<void>(answer.column(name));
  if (with_classes) schema.classes = detail::classes_in(labels, schema.answers[0]);

  schema.inputs = fit_csv_inputs(events, {schema.client, schema.time}, s.inputs);
  std::vector<std::string> taken = schema.answers;
  taken.push_back(schema.client);
  if (!s.statics.categorical.empty() || !s.statics.numeric.empty())
    schema.statics = fit_csv_inputs(labels, taken, s.statics);
  schema.since_previous = s.since_previous;
  schema.to_reference = s.to_reference;
  schema.drop_incomplete = s.drop_incomplete;
  schema.keep_last = s.keep_last;
  schema.length = s.length;
  for (csv_input const& i : schema.inputs) schema.columns.push_back(i.as_column());
  if (s.since_previous) schema.columns.push_back({.name = "since_previous"});
  if (s.to_reference) schema.columns.push_back({.name = "to_reference"});
  for (csv_input const& i : schema.statics) schema.columns.push_back(i.as_column());
  if (schema.columns.empty())
    throw_error<io_error>({"'", events, "' line 1: expected a column besides client and time, found none"});
  return schema;
}

}  // namespace petra::data
