// The command line of 04_search.
#pragma once
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>

#include "petra/core/error.hpp"
#include "petra/core/extents.hpp"

enum class task { pictures, series, events, text };
inline constexpr std::string_view task_names[] = {"pictures", "series", "events", "text"};
inline std::string_view name_of(task t) { return task_names[static_cast<std::size_t>(t)]; }

struct options {
  ::task task = task::pictures;
  std::string data;          // "": synthetic
  bool flip = true;          // train on mirror images of `data`, too
  bool differences = false;  // of series: changes from step to step
  std::uint64_t seed = 1;
  std::optional<petra::index_t> evaluations;
  std::optional<double> seconds;   // default: 200, for pictures from data 840
  int threads = 0;                 // 0: one per core
  std::string costs;               // "": OUT/costs.json
  std::optional<double> max_loss;  // default: 1 point of accuracy, 0.01 of AUC, 2 % of an error
  std::optional<petra::index_t> max_bytes;
  std::optional<double> max_latency_us;
  std::optional<petra::index_t> epochs;  // of the baseline
  std::string label;                     // of events: a column of the labels file; "": the second one
  std::string out;                       // "": front, front-2, ...
  bool help = false;
};

inline constexpr char const* usage =
    "usage: 04_search [options]\n"
    "Trains a model, searches for compressed forms of it, measures the Pareto front and emits one model as a C++ "
    "header.\n"
    "\n"
    "  --task NAME          pictures, series, events or text (pictures)\n"
    "  --data DIR           folder with the data of the task (synthetic data), each file plain or .gz:\n"
    "                         pictures  IDX (MNIST family) or CIFAR-10 binary files\n"
    "                         series    NAME_TRAIN and NAME_TEST, .ts or .tsv, in a folder NAME: classes, or numbers "
    "to\n"
    "                                   predict\n"
    "                         events    train_ and test_events.csv, train_ and test_labels.csv, the client first\n"
    "                         text      train.tsv and test.tsv, lines of a label, a tab and a text\n"
    "  --no-flip            pictures of --data have no mirror images (digits, letters): none are trained on\n"
    "  --differences        series: changes from step to step, where the level drifts and says nothing\n"
    "  --label COLUMN       events: the column of the labels files to predict (the second one)\n"
    "  --seed N             everything random follows from it (1)\n"
    "  --evaluations N      end after N candidates\n"
    "  --seconds S          end after S seconds, training and measuring included (200; pictures with --data 840)\n"
    "  --epochs N           epochs of the baseline; no candidate gets more (4 or more; by the number of samples, "
    "fewer\n"
    "                       when --seconds is less than usual)\n"
    "  --threads N          candidates trained at the same time (one per core)\n"
    "  --costs FILE         cost table: used if it is there, else measured and written (OUT/costs.json)\n"
    "  --max-loss X         model.hpp loses at most so much against the baseline: points of accuracy (1), AUC (0.01), "
    "or\n"
    "                       percent of the error of predicted numbers (2)\n"
    "  --max-bytes N        no candidate larger than N bytes\n"
    "  --max-latency-us T   no candidate slower than T microseconds\n"
    "  --out DIR            where front.json, front.html and model.hpp go (front, or front-2 ... if that holds a run)\n"
    "  --help               this text\n";

namespace detail {

// A finite number in [lowest, highest].
template <class T>
T number(std::string const& option, std::string const& text, T lowest, T highest = std::numeric_limits<T>::max()) {
  T value{};
  char const* const end = text.data() + text.size();
  auto const r = std::from_chars(text.data(), end, value);
  if (r.ec == std::errc{} && r.ptr == end && value >= lowest && value <= highest) return value;
  auto const shown = [](T x) {
    char digits[32];
    return std::string(digits, std::to_chars(digits, digits + sizeof digits, x).ptr);
  };
  bool const open = highest == std::numeric_limits<T>::max();
  petra::throw_error<petra::setting_error>({option, ": expected a ", std::is_integral_v<T> ? "whole number" : "number",
                                            " of at least ", shown(lowest), open ? "" : " and at most ",
                                            open ? "" : shown(highest), ", found '", text, "'"});
}

[[gnu::cold]] inline task task_called(std::string const& name) {
  for (int i = 0; i < 4; ++i)
    if (name == task_names[i]) return static_cast<task>(i);
  petra::throw_error<petra::setting_error>({"--task: expected pictures, series, events or text, found '", name, "'"});
}

}  // namespace detail

// Throws: setting_error, one line.
[[gnu::cold]] inline options parse_options(int argc, char** argv) {
  options o;
  for (int i = 1; i < argc; ++i) {
    std::string const name = argv[i];
    if (name == "--help" || name == "-h") {
      o.help = true;
      continue;
    }
    if (name == "--no-flip") {
      o.flip = false;
      continue;
    }
    if (name == "--differences") {
      o.differences = true;
      continue;
    }
    auto value = [&]() -> std::string {
      std::string const text = i + 1 < argc ? argv[i + 1] : "";
      // `--data --seed 1` and `--data "$UNSET"` are mistakes, not names.
      if (text.empty() || text.starts_with("--"))
        throw petra::setting_error(name + ": expected a value after it, found " +
                                   (text.empty() ? "nothing" : "the option " + text));
      ++i;
      return text;
    };
    using petra::index_t;
    if (name == "--task")
      o.task = detail::task_called(value());
    else if (name == "--label")
      o.label = value();
    else if (name == "--data")
      o.data = value();
    else if (name == "--seed")
      o.seed = detail::number<std::uint64_t>(name, value(), 0);
    else if (name == "--evaluations")
      o.evaluations = detail::number<index_t>(name, value(), 1);
    else if (name == "--seconds")
      o.seconds = detail::number<double>(name, value(), 0.001);
    else if (name == "--epochs")
      o.epochs = detail::number<index_t>(name, value(), 4, 100'000);
    else if (name == "--threads")
      o.threads = detail::number<int>(name, value(), 1, 1024);
    else if (name == "--costs")
      o.costs = value();
    else if (name == "--max-loss")
      o.max_loss = detail::number<double>(name, value(), 0);
    else if (name == "--max-bytes")
      o.max_bytes = detail::number<index_t>(name, value(), 1);
    else if (name == "--max-latency-us")
      o.max_latency_us = detail::number<double>(name, value(), 0.001);
    else if (name == "--out")
      o.out = value();
    else
      petra::throw_error<petra::setting_error>({"unknown option ", name, "; --help lists them"});
  }
  if (o.task != task::pictures && !o.flip) throw petra::setting_error("--no-flip: only for --task pictures");
  if (o.task != task::series && o.differences) throw petra::setting_error("--differences: only for --task series");
  if (o.task != task::events && !o.label.empty()) throw petra::setting_error("--label: only for --task events");
  if (!o.label.empty() && o.data.empty()) throw petra::setting_error("--label: expected --data beside it");
  if (o.threads == 0) o.threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  return o;
}
