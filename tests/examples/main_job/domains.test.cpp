// Series, events and texts go the whole way: a front of the right metric, a header that compiles and passes its self test.
// Data that is not of the task is refused before any work.
#include <cstdio>
#include <string>
#include <vector>

#include "../../data/scratch_folder.hpp"
#include "petra/core/random.hpp"
#include "run.hpp"
#include "search_report.hpp"

using namespace petra_test;
using petra::index_t;

namespace {

void write_text(scratch_folder const& folder, std::string const& name, std::string const& text) {
  folder.file(name, bytes(text.begin(), text.end()));
}

// Series of 24 steps: noise, with a step up or down in the middle.
std::string series_line(index_t i, char separator) {
  petra::random r(petra::key(std::uint64_t{7}, i));
  std::string line;
  for (index_t t = 0; t < 24; ++t) {
    char text[32];
    bool const up = (t >= 12) == (i % 2 == 0);
    std::snprintf(text, sizeof text, "%.3f", static_cast<double>(r.normal() * 0.3f + (up ? 1.f : -1.f)));
    line += (t == 0 ? "" : std::string(1, separator)) + text;
  }
  return line;
}

// A folder s with s_TRAIN and s_TEST: .tsv with two classes, or .ts with the number 5 or 6 to predict.
std::string write_series(scratch_folder const& folder, bool targets) {
  std::string const path = folder.path() + "/s";
  std::filesystem::create_directory(path);
  for (std::string const part : {"TRAIN", "TEST"}) {
    std::string text = targets
                           ? "@problemName s\n@timestamps false\n@missing false\n@univariate true\n@equalLength true\n"
                             "@seriesLength 24\n@targetlabel true\n@data\n"
                           : "";
    index_t const first = part == "TRAIN" ? 0 : 100;
    for (index_t i = first; i < first + 60; ++i)
      text += targets ? series_line(i, ',') + ":" + (i % 2 == 0 ? "5.0" : "6.0") + "\n"
                      : (i % 2 == 0 ? "1\t" : "2\t") + series_line(i, '\t') + "\n";
    petra::write_file(path + "/s_" + part + (targets ? ".ts" : ".tsv"), text);
  }
  return path;
}

// Clients whose amounts grow, or do not.
void write_events(scratch_folder const& folder) {
  for (std::string const part : {"train", "test"}) {
    std::string events = "client,day,kind,amount\n", labels = "client,grows\n";
    index_t const first = part == "train" ? 0 : 1000;
    for (index_t i = first; i < first + 200; ++i) {
      petra::random r(petra::key(std::uint64_t{9}, i));
      for (index_t t = 0, steps = 3 + r.index(6); t < steps; ++t)
        events += std::to_string(i) + "," + std::to_string(t) + "," + (r.index(2) == 0 ? "shop" : "bank") + "," +
                  std::to_string(10 + r.index(10) + (i % 2) * 4 * t) + "\n";
      labels += std::to_string(i) + "," + std::to_string(i % 2) + "\n";
    }
    write_text(folder, part + "_events.csv", events);
    write_text(folder, part + "_labels.csv", labels);
  }
}

// Good and bad words among others.
void write_texts(scratch_folder const& folder) {
  for (std::string const part : {"train", "test"}) {
    std::string text;
    index_t const first = part == "train" ? 0 : 1000;
    for (index_t i = first; i < first + 160; ++i) {
      petra::random r(petra::key(std::uint64_t{11}, i));
      text += i % 2 == 0 ? "good\t" : "bad\t";
      for (index_t t = 0, words = 3 + r.index(6); t < words; ++t) text += "word" + std::to_string(r.index(9)) + " ";
      text += i % 2 == 0 ? "fine\n" : "awful\n";
    }
    write_text(folder, part + ".tsv", text);
  }
}

// A small run on data, or on the task's own where it is "".
petra::report::front_report searched(std::string const& task, std::string const& data, std::string const& metric,
                                     bool higher_is_better = true) {
  scratch_folder const folder;
  std::string const out = folder.path() + "/out";
  std::vector<std::string> options{"--task",        task, "--out",      out,
                                   "--evaluations", "4",  "--seconds",  "60",
                                   "--epochs",      "4",  "--max-loss", metric == "AUC" ? "0.5" : "100"};
  if (!data.empty()) options.insert(options.end(), {"--data", data});
  auto const run = run_search(options);
  CAPTURE(run.out);
  CAPTURE(run.err);
  REQUIRE(run.code == 0);
  CHECK(run.err.empty());
  CHECK(says(run.out, "model.hpp: compiled alone, its outputs match"));
  auto const r = read_report(out, metric, higher_is_better);
  CHECK(r.evaluations == 4);
  CHECK(r.failed.empty());
  REQUIRE(petra::report::chosen_model(r) != nullptr);
  CHECK(petra::report::chosen_model(r)->size_bytes < r.baseline.size_bytes);
  CHECK(says(petra::read_file(out + "/front.html"), metric));
  CHECK(says(run.last_line(), metric == "accuracy" ? "quality " : metric + " ", "(baseline ", "size -"));
  return r;
}

std::string refusal(std::vector<std::string> options) {
  scratch_folder const folder;
  std::string const out = folder.path() + "/out";
  options.insert(options.end(), {"--out", out});
  auto const run = run_search(options);
  CHECK(run.code == 1);
  CHECK_FALSE(std::filesystem::exists(out));
  return run.refusal();
}

}  // namespace

TEST_CASE("04_search: series with classes, and with numbers to predict") {
  scratch_folder const folder, numbers;
  auto const r = searched("series", write_series(folder, false), "accuracy");
  CHECK(r.baseline.quality_test.value_or(0) > 0.6);
  auto const regression = searched("series", write_series(numbers, true), "RMSE", false);
  CHECK(regression.baseline.quality > 0);
}

TEST_CASE("04_search: events of clients by AUC") {
  scratch_folder const folder;
  write_events(folder);
  auto const r = searched("events", folder.path(), "AUC");
  CHECK(r.baseline.quality_test.value_or(0) > 0.7);
}

TEST_CASE("04_search: texts") {
  scratch_folder const folder;
  write_texts(folder);
  CHECK(searched("text", folder.path(), "accuracy").baseline.quality_test.value_or(0) > 0.6);
}

TEST_CASE("04_search: every task has data of its own") {
  searched("series", "", "accuracy");
  searched("events", "", "AUC");
  searched("text", "", "accuracy");
}

TEST_CASE("04_search: a folder of another task is refused, and so is a loss that the metric does not have") {
  scratch_folder const events, texts;
  write_events(events);
  write_texts(texts);
  CHECK(says(refusal({"--task", "series", "--data", texts.path()}), "_TRAIN' and '_TEST'", "neither"));
  CHECK(says(refusal({"--task", "events", "--data", texts.path()}), "train_events.csv", "found neither"));
  CHECK(says(refusal({"--task", "text", "--data", events.path()}), "train.tsv", "found no"));
  CHECK(says(refusal({"--task", "pictures", "--data", texts.path()}), "holds none of the files looked for"));
  CHECK(says(refusal({"--task", "events", "--data", events.path(), "--label", "age"}), "age"));
  CHECK(refusal({"--task", "events", "--data", events.path(), "--max-loss", "1"}) ==
        "--max-loss: expected a loss of AUC of at most 0.5 (0.01 is usual), found 1.00; only accuracies are in points");
  CHECK(refusal({"--task", "audio"}) == "--task: expected pictures, series, events or text, found 'audio'");
}
