#include "petra/nn/progress.hpp"

#include <doctest/doctest.h>

#include <string>

using petra::nn::progress;
using petra::nn::progress_bar;

namespace {

// What the bar writes to a file that is no terminal.
template <class F>
std::string written(F f) {
  std::FILE* const file = std::tmpfile();
  REQUIRE(file != nullptr);
  progress_bar bar(file);
  f(bar);
  std::rewind(file);
  std::string text;
  for (int c; (c = std::fgetc(file)) != EOF;) text += static_cast<char>(c);
  std::fclose(file);
  return text;
}

}  // namespace

TEST_CASE("progress_bar: the line of a running epoch") {
  progress_bar const bar(stderr);
  CHECK(bar.line({.epoch = 2,
                  .epochs = 10,
                  .step = 30,
                  .steps = 60,
                  .loss = 0.43124,
                  .samples_per_s = 10234.4,
                  .seconds_left = 40.6}) ==
        "epoch  3/10 [==========          ] loss 0.4312  10234 samples/s  0:41 left");
  CHECK(bar.line(
            {.epoch = 0, .epochs = 9, .step = 0, .steps = 60, .loss = 2.5, .samples_per_s = 7, .seconds_left = 3661}) ==
        "epoch  1/9 [                    ] loss 2.5000  7 samples/s  61:01 left");
}

TEST_CASE("progress_bar: the line after an epoch has the metric by its name") {
  progress_bar const bar(stderr, "F1");
  CHECK(bar.line({.epoch = 10,
                  .epochs = 10,
                  .step = 60,
                  .steps = 60,
                  .loss = 0.1,
                  .metric = 0.88415,
                  .samples_per_s = 100,
                  .epoch_done = true}) ==
        "epoch 10/10 [====================] loss 0.1000  F1 88.41 %  100 samples/s  0:00 left");
}

TEST_CASE("progress_bar: where nothing can be redrawn it writes one plain line an epoch") {
  progress const done{
      .epoch = 1, .epochs = 2, .step = 5, .steps = 5, .loss = 1, .samples_per_s = 1, .epoch_done = true};
  auto const text = written([&](progress_bar& bar) {
    for (petra::index_t step = 1; step < 5; ++step) bar({.epochs = 2, .step = step, .steps = 5});
    bar(done);
  });
  CHECK(text == progress_bar(stderr).line(done) + "\n");
}
