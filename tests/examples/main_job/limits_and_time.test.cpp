// Limits that nobody meets, budgets that are too short, and budgets that are kept.
#include <csignal>
#include <string>
#include <vector>

#include "run.hpp"
#include "sample_inputs.hpp"
#include "search_report.hpp"

using namespace petra_test;

TEST_CASE("04_search: limits that no candidate meets leave an empty front and no header") {
  sample_inputs const in;
  auto const run = run_search(in.options({"--evaluations", "10", "--seconds", "20", "--max-bytes", "1000"}));
  CHECK(run.code == 2);
  CHECK(run.last_line() == "front: 0 models; no model.hpp: no candidate met the limits");
  CHECK(in.left_behind() == "front.html front.json journal.jsonl ");
  auto const r = read_report(in.out);
  CHECK(r.evaluations == 10);
  CHECK(r.front.empty());
  CHECK(r.evaluated.empty());
  CHECK_FALSE(r.chosen);
  for (auto const& f : r.failed) CHECK(says(f.why, "size: at most 1000 bytes allowed, found "));
}

TEST_CASE("04_search: a limit on the latency is judged on the cost table") {
  sample_inputs const in;
  auto const run = run_search(in.options({"--evaluations", "10", "--seconds", "20", "--max-latency-us", "0.01"}));
  CHECK(run.code == 2);
  for (auto const& e : petra::search::read_journal(in.out + "/journal.jsonl").entries) {
    CHECK(says(e.result.why, "latency: at most 10 ns allowed"));
    CHECK(e.result.scores.size_bytes > 0);
  }
}

TEST_CASE("04_search: a front on which nobody is good enough is shown, without a header") {
  sample_inputs const in;
  // Pruned models that had one epoch to recover, against a float model of four.
  auto const run =
      run_search(in.options({"--evaluations", "5", "--seconds", "30", "--max-bytes", "30000", "--max-loss", "0"}));
  auto const r = read_report(in.out);
  REQUIRE(!r.front.empty());
  for (auto const& c : r.front) CHECK(c.quality < r.baseline.quality);
  CHECK(run.code == 2);
  CHECK(says(run.last_line(), "front: ", "; no model.hpp: none within --max-loss of the baseline"));
  CHECK_FALSE(r.chosen);
  CHECK(in.left_behind() == "front.html front.json journal.jsonl ");
}

TEST_CASE("04_search: a budget too short for the baseline is an error at its end") {
  sample_inputs const in;
  auto const run = run_search(in.options({"--seconds", "2", "--epochs", "1000"}));
  CHECK(run.code == 1);
  CHECK(run.refusal() ==
        "--seconds 2 is too short to train the baseline for 1000 epochs; allow more seconds or fewer --epochs");
  CHECK(run.seconds < 5);
  CHECK(in.left_behind() == "nothing");
}

TEST_CASE("04_search: a budget in seconds is used and kept") {
  sample_inputs const in;
  constexpr double budget = 20;
  auto const run = run_search(in.options({"--seconds", "20", "--max-loss", "100"}), {.has_compiler = false});
  CHECK(run.code == 0);
  CHECK(run.seconds < 1.05 * budget + 1);  // one batch, and the process itself
  CHECK(run.seconds > 0.6 * budget);       // 8 s are set aside for measuring, which may take less
  auto const r = read_report(in.out);
  CHECK(r.seconds <= run.seconds);
  CHECK(r.evaluations > 3);
}

TEST_CASE("04_search: half the usual seconds give the baseline half the usual epochs, and never fewer than four") {
  auto const announces = [](char const* seconds, char const* epochs) {
    sample_inputs const in;
    process run(
        search_with({"--data", in.pictures.path(), "--out", in.out, "--costs", in.costs, "--seconds", seconds}));
    CHECK_MESSAGE(run.says(epochs), seconds);
    run.send(SIGINT);
    run.wait();
  };
  announces("100000", "training the baseline (24 epochs)");
  announces("420", "training the baseline (12 epochs)");
  announces("30", "training the baseline (4 epochs)");
}
