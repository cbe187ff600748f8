#include "../../examples/options.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "../thrown.hpp"

namespace {

options parsed(std::vector<std::string> words) {
  words.insert(words.begin(), "04_search");
  std::vector<char*> argv;
  for (std::string& w : words) argv.push_back(w.data());
  return parse_options(static_cast<int>(argv.size()), argv.data());
}

std::string refused(std::vector<std::string> const& words) {
  return petra_test::thrown<petra::setting_error>([&] { static_cast<void>(parsed(words)); });
}

}  // namespace

TEST_CASE("options: nothing said is synthetic pictures on every core") {
  auto const o = parsed({});
  CHECK(o.data.empty());
  CHECK(o.flip);
  CHECK(o.seed == 1);
  CHECK_FALSE(o.evaluations);
  CHECK_FALSE(o.seconds);
  CHECK_FALSE(o.epochs);
  CHECK_FALSE(o.max_bytes);
  CHECK_FALSE(o.max_latency_us);
  CHECK(o.threads >= 1);
  CHECK_FALSE(o.max_loss);
  CHECK(o.task == task::pictures);
  CHECK(o.label.empty());
  CHECK_FALSE(o.help);
}

TEST_CASE("options: everything said arrives; the last word counts") {
  // clang-format off
  auto const o = parsed({"--data", "d", "--seed", "18446744073709551615", "--evaluations", "7", "--seconds", "1.5e2",
                         "--epochs", "4", "--threads", "1", "--threads", "3", "--costs", "c", "--max-loss", "0",
                         "--max-bytes", "1", "--max-latency-us", "0.5", "--no-flip", "--out", "o", "-h"});
  // clang-format on
  CHECK(o.data == "d");
  CHECK_FALSE(o.flip);
  CHECK(o.seed == 18446744073709551615u);
  CHECK(o.evaluations == 7);
  CHECK(o.seconds == 150.0);
  CHECK(o.epochs == 4);
  CHECK(o.threads == 3);
  CHECK(o.costs == "c");
  CHECK(o.max_loss == 0.0);
  CHECK(o.max_bytes == 1);
  CHECK(o.max_latency_us == 0.5);
  CHECK(o.out == "o");
  CHECK(o.help);
}

TEST_CASE("options: what is no number, or out of range, is refused with the range") {
  for (char const* const name : {"--evaluations", "--max-bytes"})
    for (char const* const wrong : {"0", "-1", "1.5", "1e3", "0x10", "x", "5 ", " 5", "+5", "9223372036854775808"})
      CHECK(refused({name, wrong}) ==
            std::string(name) + ": expected a whole number of at least 1, found '" + wrong + "'");
  for (char const* const wrong : {"-1", "18446744073709551616", "1.0"})
    CHECK(refused({"--seed", wrong}) ==
          std::string("--seed: expected a whole number of at least 0, found '") + wrong + "'");
  for (char const* const name : {"--seconds", "--max-latency-us"})
    for (char const* const wrong : {"0", "-1", "nan", "inf", "1e999", "1,5", "10s"})
      CHECK(refused({name, wrong}) ==
            std::string(name) + ": expected a number of at least 0.001, found '" + wrong + "'");
  for (char const* const wrong : {"-0.1", "nan", "inf"})
    CHECK(refused({"--max-loss", wrong}) ==
          std::string("--max-loss: expected a number of at least 0, found '") + wrong + "'");
  CHECK(refused({"--epochs", "3"}) == "--epochs: expected a whole number of at least 4 and at most 100000, found '3'");
  CHECK(refused({"--threads", "1025"}) ==
        "--threads: expected a whole number of at least 1 and at most 1024, found '1025'");
}

TEST_CASE("options: a value that is missing, empty or an option is refused for every option") {
  for (std::string const name : {"--data", "--seed", "--evaluations", "--seconds", "--epochs", "--threads", "--costs",
                                 "--max-loss", "--max-bytes", "--max-latency-us", "--out", "--task", "--label"}) {
    CHECK(refused({name}) == name + ": expected a value after it, found nothing");
    CHECK(refused({name, ""}) == name + ": expected a value after it, found nothing");
    CHECK(refused({name, "--help"}) == name + ": expected a value after it, found the option --help");
    CHECK(std::string(usage).find("  " + name + " ") != std::string::npos);
  }
  CHECK(refused({"--bogus"}) == "unknown option --bogus; --help lists them");
  CHECK(refused({"5"}) == "unknown option 5; --help lists them");
  CHECK(refused({"--seed=5"}) == "unknown option --seed=5; --help lists them");
}

TEST_CASE("options: tasks by their names; what belongs to one task is refused with another") {
  CHECK(parsed({"--task", "pictures"}).task == task::pictures);
  CHECK(parsed({"--task", "series"}).task == task::series);
  CHECK(parsed({"--task", "events"}).task == task::events);
  CHECK(parsed({"--task", "text"}).task == task::text);
  CHECK(refused({"--task", "audio"}) == "--task: expected pictures, series, events or text, found 'audio'");
  CHECK(parsed({"--task", "series", "--differences"}).differences);
  CHECK_FALSE(parsed({"--task", "series"}).differences);
  CHECK(refused({"--differences"}) == "--differences: only for --task series");
  CHECK(refused({"--task", "series", "--no-flip"}) == "--no-flip: only for --task pictures");
  CHECK(parsed({"--label", "age", "--task", "events", "--data", "d"}).label == "age");
  CHECK(refused({"--label", "age", "--task", "text", "--data", "d"}) == "--label: only for --task events");
  CHECK(refused({"--label", "age", "--task", "events"}) == "--label: expected --data beside it");
}
