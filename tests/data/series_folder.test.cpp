#include "petra/data/series_folder.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

#include "malformed.hpp"

using namespace petra_test;
using petra::index_t;
using petra::data::load_series;
using petra::data::load_target_series;
using petra::data::sequences;
using petra::data::series_have_targets;

namespace {

// A folder with files of the given names and texts; those with .gz are packed.
struct series_scratch : scratch_folder {
  explicit series_scratch(std::vector<std::pair<std::string, std::string>> const& files) {
    std::filesystem::create_directory(root());
    for (auto const& [name, text] : files)
      static_cast<void>(file("walk/" + name, name.ends_with(".gz") ? gzip(as_bytes(text)) : as_bytes(text)));
  }
  [[nodiscard]] std::string root() const { return path() + "/walk"; }
};

std::string ts(std::string const& classes, std::string const& cases) {
  return "@univariate true\n@classLabel true " + classes + "\n@data\n" + cases;
}
std::string series_error(std::string const& path) {
  return io_message([&] { static_cast<void>(load_series(path)); });
}

// Nearest neighbor by the distance of the raw values: the class, or for numbers the number itself.
template <class Set>
index_t nearest(Set const& train, Set const& test, index_t i) {
  auto const at = [](sequences const& s, index_t k) {
    return s.x.data() + s.start[static_cast<std::size_t>(k)] * s.channels();
  };
  index_t const count = test.steps(i) * test.channels();
  double best = std::numeric_limits<double>::infinity();
  index_t found = 0;
  for (index_t k = 0; k < train.size(); ++k) {
    double sum = 0;
    for (index_t v = 0; v < count; ++v) {
      double const d = static_cast<double>(at(train, k)[v]) - static_cast<double>(at(test, i)[v]);
      sum += d * d;
    }
    if (sum < best) best = sum, found = k;
  }
  return found;
}

struct known_set {
  char const* name;
  index_t train, test, channels, length;
  index_t classes, least, most;  // samples of a class in the training part
  double nearest;                // accuracy of the nearest neighbor; 0: lengths differ
};

}  // namespace

TEST_CASE("series_folder: both parts, whatever their form and packing") {
  for (bool const packed : {false, true}) {
    std::string const gz = packed ? ".gz" : "";
    series_scratch const f(
        {{"walk_TRAIN.ts", ts("a b", "1,3:a\n5,7:b\n")}, {"walk_TEST.ts" + gz, ts("b a", "9:b\n1,2,3:a\n")}});
    for (std::string const& path : {f.root(), f.root() + "/", f.root() + "/walk"}) {
      auto const [train, test] = load_series(path);
      CHECK_FALSE(series_have_targets(path));
      CHECK(train.y == std::vector<std::int32_t>{0, 1});
      // The test part's header names them in another order.
      CHECK(test.y == std::vector<std::int32_t>{1, 0});
      CHECK(test.class_names == train.class_names);
      CHECK(train.sample_shape() == petra::shape(3, 1));
      CHECK(test.sample_shape() == train.sample_shape());
      // Of 1, 3, 5, 7 alone.
      CHECK(train.columns[0].mean == 4);
      CHECK(train.columns[0].deviation == doctest::Approx(std::sqrt(5.)));
      CHECK(test.columns == train.columns);
    }
  }
}

TEST_CASE("series_folder: tab-separated parts, and another name beside it") {
  series_scratch const f({{"walk_TRAIN.tsv", "-1\t1\n1\t2\n"},
                          {"walk_TEST.tsv.gz", "1\t3\n"},
                          {"other_TRAIN.tsv", "5\t1\n"},
                          {"other_TEST.tsv", "5\t1\n"}});
  auto const [train, test] = load_series(f.root());
  CHECK(train.class_names == std::vector<std::string>{"-1", "1"});
  CHECK(test.y == std::vector<std::int32_t>{1});
  CHECK(load_series(f.root() + "/other").train.class_names == std::vector<std::string>{"5"});
  CHECK(
      says(io_message([&] { static_cast<void>(load_target_series(f.root())); }), "walk", "numbers to predict", ".tsv"));
}

TEST_CASE("series_folder: numbers to predict") {
  std::string const header = "@targetLabel true\n@data\n";
  series_scratch const f({{"walk_TRAIN.ts", header + "1,3:0.5\n"}, {"walk_TEST.ts", header + "1:2\n"}});
  CHECK(series_have_targets(f.root()));
  auto const [train, test] = load_target_series(f.root());
  CHECK(train.y == std::vector<float>{0.5f});
  CHECK(test.y == std::vector<float>{2});
  CHECK(test.columns[0].mean == 2);
  CHECK(says(series_error(f.root()), "walk_TRAIN.ts", "read_ts_targets"));
}

TEST_CASE("series_folder: what is missing or does not belong together") {
  CHECK(says(series_error("/nowhere/walk"), "/nowhere/walk_TRAIN", "_TEST", "found neither"));
  std::string const a = ts("a b", "1:a\n");
  CHECK(says(series_error(series_scratch({{"walk_TRAIN.ts", a}}).root()), "no test part"));
  CHECK(says(series_error(series_scratch({{"walk_TEST.ts", a}}).root()), "no training part"));
  CHECK(says(series_error(series_scratch({{"walk_TRAIN.ts", a}, {"walk_TEST.tsv", "1\t2\n"}}).root()), "one of each"));
  CHECK(says(
      series_error(
          series_scratch(
              {{"walk_TRAIN.ts", a}, {"walk_TEST.ts", a}, {"walk_TRAIN.tsv", "1\t2\n"}, {"walk_TEST.tsv", "1\t2\n"}})
              .root()),
      "found both"));
  CHECK(says(series_error(series_scratch({{"walk_TRAIN.ts", a}, {"walk_TEST.ts", ts("a c", "1:c\n")}}).root()),
             "every class", "'c'"));
  // Named in the header, but without a series.
  CHECK(says(series_error(series_scratch({{"walk_TRAIN.ts", a}, {"walk_TEST.ts", ts("a b", "1:b\n")}}).root()),
             "every class", "'b'"));
  CHECK(
      says(series_error(
               series_scratch({{"walk_TRAIN.ts", a}, {"walk_TEST.ts", "@classLabel true a b\n@data\n1:2:a\n"}}).root()),
           "as many channels", "1 and 2"));
}

TEST_CASE("series_folder: the archive's sets have their known classes, lengths and neighbors") {
  std::string const root = real_data("timeseries");
  if (root.empty()) return;
  std::vector<known_set> const sets{{"BasicMotions", 40, 40, 6, 100, 4, 10, 10, 0.600},
                                    {"JapaneseVowels", 270, 370, 12, 29, 9, 30, 30, 0},
                                    {"JapaneseVowels/JapaneseVowels_eq", 270, 370, 12, 25, 9, 30, 30, 0.951},
                                    {"GunPoint", 50, 150, 1, 150, 2, 24, 26, 0.913},
                                    {"ItalyPowerDemand", 67, 1029, 1, 24, 2, 33, 34, 0.955},
                                    {"OSULeaf", 200, 242, 1, 427, 6, 15, 53, 0.521},
                                    {"CBF", 30, 900, 1, 128, 3, 8, 12, 0.852},
                                    {"SyntheticControl", 300, 300, 1, 60, 6, 50, 50, 0.880},
                                    {"SwedishLeaf", 500, 625, 1, 128, 15, 26, 42, 0.789},
                                    {"ECG200", 100, 100, 1, 96, 2, 31, 69, 0.880}};
  for (known_set const& known : sets) {
    CAPTURE(known.name);
    auto const [train, test] = load_series(root + '/' + known.name);
    CHECK(train.size() == known.train);
    CHECK(test.size() == known.test);
    CHECK(train.sample_shape() == petra::shape(known.length, known.channels));
    CHECK(test.classes() == train.classes());
    std::vector<index_t> counts(static_cast<std::size_t>(train.classes()));
    for (std::int32_t const y : train.y) ++counts[static_cast<std::size_t>(y)];
    CHECK(train.classes() == known.classes);
    CHECK(*std::min_element(counts.begin(), counts.end()) == known.least);
    CHECK(*std::max_element(counts.begin(), counts.end()) == known.most);
    if (std::string_view(known.name) == "JapaneseVowels") {
      index_t shortest = known.length, longest = 0;
      for (auto const* part : {&train, &test})
        for (index_t i = 0; i < part->size(); ++i) {
          shortest = std::min(shortest, part->steps(i));
          longest = std::max(longest, part->steps(i));
        }
      CHECK(shortest == 7);
      CHECK(longest == 29);
    }
    if (known.nearest == 0) continue;
    index_t hits = 0;
    for (index_t i = 0; i < test.size(); ++i) hits += train.label(nearest(train, test, i)) == test.label(i);
    CHECK(std::abs(static_cast<double>(hits) / static_cast<double>(test.size()) - known.nearest) < 6e-4);
  }
}

TEST_CASE("series_folder: the regression sets have their known sizes and errors") {
  std::string const root = real_data("timeseries");
  if (root.empty()) return;
  struct known_targets {
    char const* name;
    index_t train, test, channels, length;
    double of_mean, of_nearest;  // RMSE on the test part
  };
  for (known_targets const& known : {known_targets{"AppliancesEnergy", 95, 42, 24, 144, 4.335, 5.956},
                                     known_targets{"HotwaterPredictor", 245, 106, 4, 168, 1343, 2299},
                                     known_targets{"SteamPredictor", 210, 90, 4, 168, 31550, 61110},
                                     known_targets{"Covid3Month", 140, 61, 1, 84, 0.0447, 0.0531}}) {
    CAPTURE(known.name);
    CHECK(series_have_targets(root + '/' + known.name));
    auto const [train, test] = load_target_series(root + '/' + known.name);
    CHECK(train.size() == known.train);
    CHECK(test.size() == known.test);
    CHECK(test.sample_shape() == petra::shape(known.length, known.channels));
    double mean = 0, of_mean = 0, of_nearest = 0;
    for (float const y : train.y) mean += static_cast<double>(y) / static_cast<double>(train.size());
    for (index_t i = 0; i < test.size(); ++i) {
      auto const y = static_cast<double>(test.y[static_cast<std::size_t>(i)]);
      of_mean += (y - mean) * (y - mean);
      double const d = y - static_cast<double>(train.y[static_cast<std::size_t>(nearest(train, test, i))]);
      of_nearest += d * d;
    }
    auto const n = static_cast<double>(test.size());
    CHECK(std::sqrt(of_mean / n) == doctest::Approx(known.of_mean).epsilon(1e-3));
    CHECK(std::sqrt(of_nearest / n) == doctest::Approx(known.of_nearest).epsilon(1e-3));
  }
}
