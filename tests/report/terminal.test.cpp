// The table: what is in it, how wide it is, and the last line of the main job.
#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "petra/report/terminal.hpp"
#include "sample_report.hpp"

using namespace petra::report;

namespace {

std::vector<std::string> lines(std::string const& text) {
  std::vector<std::string> out(1);
  for (char const c : text)
    if (c == '\n')
      out.emplace_back();
    else
      out.back() += c;
  return out;
}

bool has(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

}  // namespace

TEST_CASE("terminal: fits 100 columns, printable ASCII, no blanks at the end, whatever a pipeline holds") {
  front_report rude = sample::extreme_report();
  rude.baseline.pipeline = "\x1b[2J\n\t\xc3\xa9 | x";
  for (front_report const& r : {sample::report(), sample::empty_report(), rude}) {
    for (std::string const& line : lines(to_terminal(r))) {
      CAPTURE(line);
      CHECK(line.size() <= terminal_columns);
      CHECK((line.empty() || line.back() != ' '));
      for (char const c : line) CHECK((c >= ' ' && c <= '~'));
    }
  }
}

TEST_CASE("terminal: the baseline first, then the front by quality, the chosen one marked") {
  front_report const r = sample::report();
  std::vector<std::string> const all = lines(to_terminal(r));
  CHECK(has(all[0], "quality"));
  CHECK(all[1].starts_with(" B       0   93.12 %   92.86 %    312 kB    274 us    8.12 k/s  train{.epochs = 12}"));
  int stars = 0, flags = 0;
  for (std::string const& line : all) {
    stars += line.starts_with(" * ");
    flags += line.starts_with("  ! ");
  }
  CHECK(stars == 1);
  CHECK(flags == 1);
  auto const models = by_quality(r);
  for (std::size_t i = 1; i < models.size(); ++i) CHECK(models[i - 1]->quality >= models[i]->quality);
  CHECK(has(to_terminal(r), "16 models on the front, 60 candidates evaluated, 2 failed\n"));
  CHECK(has(to_terminal(r), "228.4 s, seed 18446744073709551557, 2 threads\n"));
}

TEST_CASE("terminal: where a lower metric is better the lowest comes first; equals by id") {
  front_report r{.metric = "mean squared error", .higher_is_better = false};
  r.front = {{.id = 3, .quality = 0.5}, {.id = 2, .quality = 0.25}, {.id = 1, .quality = 0.5}};
  auto const models = by_quality(r);
  CHECK(models[0]->id == 2);
  CHECK(models[1]->id == 1);
  CHECK(models[2]->id == 3);
}

TEST_CASE("terminal: nothing of a pipeline is lost by wrapping") {
  for (std::string const& text :
       {std::string("a | b"), std::string(200, 'x'), sample::report().evaluated[7].pipeline,
        std::string("train{.epochs = 8} | prune::channels{.ratio = 0.49f, .by = prune::taylor{}} | finetune{}")}) {
    std::string glued, want;
    for (std::string const& line : wrapped(text, 20)) {
      CHECK(line.size() <= 20);
      for (char const c : line)
        if (c != ' ') glued += c;
    }
    for (char const c : text)
      if (c != ' ') want += c;
    CHECK(glued == want);
  }
  CHECK(wrapped("first{} | second{}", 12) == std::vector<std::string>{"first{}", "| second{}"});
  CHECK(wrapped("", 12) == std::vector<std::string>{""});
}

TEST_CASE("terminal: an empty front says so") {
  std::string const text = to_terminal(sample::empty_report());
  CHECK(has(text, "the front is empty"));
  CHECK(has(text, "0 models on the front"));
  CHECK(has(text, " B       -   93.12 %"));  // a baseline that is no evaluation has no number
}

TEST_CASE("terminal: the last line speaks of one and the same model, on test data where there is some") {
  front_report r{.metric = "accuracy"};
  r.baseline = {.id = 0,
                .quality = 0.93,
                .quality_test = 0.925,
                .latency_cost_ns = 1,
                .latency_p50_ns = 300e3,
                .throughput_per_s = 1000.0,
                .size_bytes = 400'000};
  r.front = {{.id = 7,
              .quality = 0.92,
              .quality_test = 0.915,
              .latency_cost_ns = 1,
              .latency_p50_ns = 150e3,
              .throughput_per_s = 1500.0,
              .size_bytes = 100'000}};
  CHECK(summary_line(r) == "front: 1 models; no model.hpp: no member of the front was chosen");
  r.chosen = 7;
  CHECK(summary_line(r) ==
        "front: 1 models; model.hpp: quality 91.50 % (baseline 92.50 %), size -75.0 %, "
        "latency -50.0 %, throughput +50.0 %");
  r.front[0].quality_test.reset();
  r.front[0].throughput_per_s.reset();
  CHECK(summary_line(r) ==
        "front: 1 models; model.hpp: quality 92.00 % (baseline 93.00 %), size -75.0 %, latency -50.0 %");
}
