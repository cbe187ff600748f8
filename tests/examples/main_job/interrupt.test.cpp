// Ctrl-C: the first stops cleanly with the front so far written, a second one ends at once.
#include <chrono>
#include <csignal>
#include <string>
#include <thread>

#include "run.hpp"
#include "sample_inputs.hpp"
#include "search_report.hpp"

using namespace petra_test;

namespace {

std::vector<std::string> const endless{"--evaluations", "100000", "--max-loss", "100"};

}  // namespace

TEST_CASE("04_search: Ctrl-C during the search writes the front so far") {
  sample_inputs const in;
  process run(search_with(in.options(endless)));
  REQUIRE(run.says("model   2  "));
  auto const asked = std::chrono::steady_clock::now();
  run.send(SIGINT);
  auto const end = run.wait();
  CHECK(std::chrono::steady_clock::now() - asked < std::chrono::seconds(20));
  CHECK_MESSAGE(end.code == 0, end.err);
  CHECK(end.err.empty());
  CHECK(in.left_behind() == "front.html front.json journal.jsonl model.hpp ");
  auto const r = read_report(in.out);
  CHECK((r.evaluations >= 3 && r.evaluations < 1000));
  CHECK_FALSE(r.front.empty());
  CHECK(end.last_line().starts_with("front: " + std::to_string(r.front.size()) + " models; model.hpp: quality "));
}

TEST_CASE("04_search: a second Ctrl-C ends at once and leaves the journal alone") {
  sample_inputs const in;
  process run(search_with(in.options(endless)));
  REQUIRE(run.says("model   2  "));
  run.send(SIGINT);
  REQUIRE(run.says("measuring"));
  auto const asked = std::chrono::steady_clock::now();
  run.send(SIGINT);
  auto const end = run.wait();
  CHECK(std::chrono::steady_clock::now() - asked < std::chrono::seconds(1));
  CHECK(end.code == 130);
  CHECK(in.left_behind() == "journal.jsonl ");
  CHECK(petra::search::read_journal(in.out + "/journal.jsonl").entries.size() >= 3);
}

TEST_CASE("04_search: Ctrl-C before the baseline is trained leaves nothing") {
  sample_inputs const in;
  process run(search_with(in.options({"--epochs", "100000"})));
  REQUIRE(run.says("training the baseline"));
  run.send(SIGINT);
  auto const end = run.wait();
  CHECK(end.code == 1);
  CHECK(end.refusal() == "interrupted before the baseline was trained; nothing to report");
  CHECK(in.left_behind() == "nothing");
}
