#include "run.hpp"

#include <cstdlib>
#include <thread>

#include "../options.hpp"
#include "petra/core/file.hpp"
#include "task.hpp"

namespace tasks {

namespace {

std::vector<task> all_tasks() {
  std::vector<task> all;
  for (auto const& some : {picture_tasks(), series_tasks(), event_tasks(), text_tasks()})
    all.insert(all.end(), some.begin(), some.end());
  return all;
}

void print_usage() {
  std::printf(
      "usage: 01_train [FILE]                a small CNN on synthetic pictures, its checkpoint in FILE\n"
      "       01_train --task NAME [options] trains on real data and judges the model on the test part\n"
      "\n"
      "  --data DIR         folder of the data sets (the environment variable PETRA_DATA_DIR)\n"
      "  --json FILE        also write the row as JSON\n"
      "  --seeds N          train N times, with seeds 1 to N (3; 1 for pictures)\n"
      "  --epochs N         in place of the task's own\n"
      "  --threads N        of one training (one per core); results do not depend on it\n"
      "  --checkpoints DIR  keep a checkpoint of each training there; run again to go on\n"
      "  --validate         judge on a fifth of the training part instead of the test part\n"
      "\n"
      "tasks:\n");
  for (auto const& t : all_tasks()) std::printf("  %-18s %s\n", t.name, t.text);
}

petra::json as_json(row const& r) {
  using petra::json;
  json j{json::object{}};
  j["task"] = r.task;
  j["model"] = r.model;
  j["metric"] = r.metric;
  j["value"] = r.value;
  j["standard_error"] = r.standard_error;
  j["seeds"] = static_cast<double>(r.seeds);
  j["epochs"] = static_cast<double>(r.epochs);
  j["seconds"] = r.seconds;
  j["threads"] = static_cast<double>(r.threads);
  j["linear_baseline"] = r.linear_baseline ? json(*r.linear_baseline) : json(nullptr);
  if (r.gain) j["gain"] = json::array{json(r.gain->value), json(r.gain->low), json(r.gain->high)};
  return j;
}

}  // namespace

int run(int argc, char** argv) {
  options o;
  o.threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  if (char const* const folder = std::getenv("PETRA_DATA_DIR")) o.data = folder;
  std::string name, json_file;
  for (int i = 1; i < argc; ++i) {
    std::string const option = argv[i];
    auto value = [&]() -> std::string {
      if (i + 1 >= argc || std::string(argv[i + 1]).starts_with("--"))
        throw petra::setting_error(option + ": expected a value after it");
      return argv[++i];
    };
    if (option == "--task")
      name = value();
    else if (option == "--data")
      o.data = value();
    else if (option == "--json")
      json_file = value();
    else if (option == "--seeds")
      o.seeds = detail::number<index_t>(option, value(), 1, 1000);
    else if (option == "--epochs")
      o.epochs = detail::number<index_t>(option, value(), 1, 100'000);
    else if (option == "--threads")
      o.threads = detail::number<int>(option, value(), 1, 16);
    else if (option == "--checkpoints")
      o.checkpoints = value();
    else if (option == "--validate")
      o.validate = true;
    else if (option == "--help" || option == "-h")
      return print_usage(), 0;
    else
      throw petra::setting_error("unknown option " + option + "; --help lists them");
  }
  if (name.empty()) throw petra::setting_error("expected --task NAME; --help lists the tasks");
  for (auto const& t : all_tasks()) {
    if (name != t.name) continue;
    if (o.data.empty())
      throw petra::setting_error(
          "expected the folder of the data sets: --data DIR, or PETRA_DATA_DIR in the environment");
    row const r = t.run(o);
    std::printf("%s, %s: %s %.4f +- %.4f (%s), %td epochs, %.1f s, %d threads", r.task.c_str(), r.model.c_str(),
                r.metric.c_str(), r.value, r.standard_error,
                r.seeds > 1 ? (std::to_string(r.seeds) + " seeds").c_str() : "of the test set", r.epochs, r.seconds,
                r.threads);
    if (r.linear_baseline)
      std::printf("; linear %.4f, difference %+.4f (%+.4f to %+.4f)", *r.linear_baseline, r.gain->value, r.gain->low,
                  r.gain->high);
    std::printf("\n");
    if (!json_file.empty()) petra::write_file(json_file, as_json(r).dump() + "\n");
    return 0;
  }
  throw petra::setting_error("no task is called " + name + "; --help lists them");
}

}  // namespace tasks
