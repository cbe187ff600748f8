// `01_train --task NAME` as a user runs it, on a data set that the test writes under the name of a real one.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "petra/core/file.hpp"
#include "petra/core/json.hpp"

namespace {

namespace fs = std::filesystem;

struct outcome {
  int code;
  std::string said;  // both streams
};

outcome train(std::string const& arguments) {
  std::string const log = (fs::temp_directory_path() / "train_task.log").string();
  int const status = std::system(("PETRA_DATA_DIR= " TRAIN_PROGRAM " " + arguments + " >'" + log + "' 2>&1").c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, petra::read_file(log)};
}

bool contains(std::string const& text, std::string const& part) { return text.find(part) != std::string::npos; }

// A rising and a falling series, each shifted a little.
std::string series(int first, int count) {
  std::string text;
  for (int i = first; i < first + count; ++i) {
    text += i % 2 == 0 ? "1" : "2";
    for (int t = 0; t < 24; ++t) {
      double const x = std::sin(0.25 * t + 0.1 * (i % 5)) + 0.05 * ((7 * i + 3 * t) % 11);
      text += "\t" + std::to_string(i % 2 == 0 ? x + 0.1 * t : x - 0.1 * t);
    }
    text += "\n";
  }
  return text;
}

std::string folder_with_series() {
  fs::path const data = fs::temp_directory_path() / "train_task_data";
  fs::remove_all(data);
  fs::create_directories(data / "timeseries" / "GunPoint");
  petra::write_file((data / "timeseries/GunPoint/GunPoint_TRAIN.tsv").string(), series(0, 40));
  petra::write_file((data / "timeseries/GunPoint/GunPoint_TEST.tsv").string(), series(40, 20));
  return data.string();
}

}  // namespace

TEST_CASE("01_train --task: a row as text and as JSON, the same for any number of threads") {
  std::string const data = folder_with_series(), json = data + "/row.json";
  auto run = [&](int threads) {
    auto const r = train("--task gun-point --data '" + data + "' --epochs 8 --seeds 2 --threads " +
                         std::to_string(threads) + " --json '" + json + "'");
    CAPTURE(r.said);
    CHECK(r.code == 0);
    return petra::json::parse(petra::read_file(json), json);
  };
  auto const one = run(1), two = run(2);
  CHECK(one.at("task").as_string() == "gun-point");
  CHECK(one.at("model").as_string() == "InceptionTime");
  CHECK(one.at("metric").as_string() == "accuracy");
  CHECK(one.at("value").as_double("value") > 0.8);
  CHECK(one.at("seeds").as_double("seeds") == 2);
  CHECK(one.at("epochs").as_double("epochs") == 8);
  CHECK(one.at("threads").as_double("threads") == 1);
  CHECK(one.at("linear_baseline").is_null());
  CHECK(one.at("value").as_double("value") == two.at("value").as_double("value"));
}

TEST_CASE("01_train --task: mistakes are one line that says what to do") {
  std::string const data = folder_with_series();
  auto fails = [](std::string const& arguments, std::string const& message) {
    auto const r = train(arguments);
    CAPTURE(r.said);
    CHECK(r.code == 1);
    CHECK(contains(r.said, message));
  };
  fails("--task nothing --data '" + data + "'", "01_train: no task is called nothing; --help lists them");
  fails("--task gun-point", "expected the folder of the data sets: --data DIR, or PETRA_DATA_DIR in the environment");
  fails("--task", "--task: expected a value after it");
  fails("--json x.json", "expected --task NAME; --help lists the tasks");
  fails("--task gun-point --data '" + data + "' --epochs 0", "--epochs: expected a whole number of at least 1");
  fails("--task cbf --data '" + data + "'", "expected");
  CHECK(contains(train("--help").said, "  gun-point "));
}
