// Wrong options: one line that says what was expected and found, exit code 1, and no folder.
#include <string>
#include <vector>

#include "run.hpp"
#include "sample_inputs.hpp"

using namespace petra_test;

namespace {

// What 04_search says to these options.
std::string refusal(std::vector<std::string> options) {
  scratch_folder const folder;
  std::string const out = folder.path() + "/out";
  options.insert(options.begin(), {"--out", out});
  auto const run = run_search(options);
  CHECK(run.code == 1);
  CHECK(run.out.empty());
  CHECK_FALSE(std::filesystem::exists(out));
  return run.refusal();
}

}  // namespace

TEST_CASE("04_search: a number out of range or malformed is refused with its range") {
  CHECK(refusal({"--evaluations", "0"}) == "--evaluations: expected a whole number of at least 1, found '0'");
  CHECK(refusal({"--evaluations", "2.5"}) == "--evaluations: expected a whole number of at least 1, found '2.5'");
  CHECK(refusal({"--threads", "0"}) == "--threads: expected a whole number of at least 1 and at most 1024, found '0'");
  CHECK(refusal({"--threads", "1000000000"}) ==
        "--threads: expected a whole number of at least 1 and at most 1024, found '1000000000'");
  CHECK(refusal({"--seconds", "nan"}) == "--seconds: expected a number of at least 0.001, found 'nan'");
  CHECK(refusal({"--seconds", "inf"}) == "--seconds: expected a number of at least 0.001, found 'inf'");
}

TEST_CASE("04_search: an unknown option and an option without its value are refused") {
  CHECK(refusal({"--evaluation", "5"}) == "unknown option --evaluation; --help lists them");
  CHECK(refusal({"pictures"}) == "unknown option pictures; --help lists them");
  CHECK(refusal({"--data"}) == "--data: expected a value after it, found nothing");
  CHECK(refusal({"--data", "--seed", "1"}) == "--data: expected a value after it, found the option --seed");
}

TEST_CASE("04_search: --help says what there is and does nothing") {
  scratch_folder const folder;
  auto const run = run_search({"--help", "--out", folder.path() + "/out"});
  CHECK(run.code == 0);
  CHECK(run.err.empty());
  CHECK(says(run.out, "--task NAME", "--data DIR", "--label COLUMN", "--seed N", "--evaluations N", "--seconds S",
             "--threads N", "--costs FILE", "--max-loss X", "--max-bytes N", "--max-latency-us T", "--out DIR",
             "--help"));
  CHECK_FALSE(std::filesystem::exists(folder.path() + "/out"));
}
