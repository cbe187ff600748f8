#include "petra/nn/progress.hpp"

#include <doctest/doctest.h>

#include <string>

#include "../captured.hpp"

using petra::nn::progress;
using petra::nn::progress_bar;

TEST_CASE("progress_bar: the line of a running epoch") {
  progress_bar const bar(stderr);
  progress p{.epoch = 2, .epochs = 10, .step = 30, .steps = 60, .loss = 0.43124};
  p.samples_per_s = 10234.4;
  p.seconds_left = 40.6;
  CHECK(bar.line(p) == "epoch  3/10 [==========          ] loss 0.4312  10234 samples/s  0:41 left");
  p = {.epoch = 0, .epochs = 9, .step = 0, .steps = 60, .loss = 2.5, .samples_per_s = 7, .seconds_left = 3661};
  CHECK(bar.line(p) == "epoch  1/9 [                    ] loss 2.5000  7 samples/s  61:01 left");
}

TEST_CASE("progress_bar: the line after an epoch has the metric by its name") {
  progress p{.epoch = 10, .epochs = 10, .step = 60, .steps = 60, .loss = 0.1, .metric = 0.88415, .epoch_done = true};
  p.samples_per_s = 100;
  CHECK(progress_bar(stderr, "F1").line(p) ==
        "epoch 10/10 [====================] loss 0.1000  F1 88.41 %  100 samples/s  0:00 left");
}

TEST_CASE("progress_bar: a metric that is no share, and the terms of the loss") {
  petra::term_value const terms[] = {{"mse", 0.25}, {"l2", 0.015625}};
  progress p{.epoch = 3, .epochs = 10, .step = 60, .steps = 60, .loss = 0.265625, .metric = 12.3456};
  p.metric_name = "RMSE";
  p.share = false;
  p.terms = terms;
  p.samples_per_s = 100;
  p.epoch_done = true;
  CHECK(
      progress_bar(stderr).line(p) ==
      "epoch  3/10 [====================] loss 0.2656  (mse 0.25 + l2 0.01562)  RMSE 12.35  100 samples/s  0:00 left");
}

TEST_CASE("progress_bar: where nothing can be redrawn it writes one plain line an epoch") {
  progress const done{.epoch = 1, .epochs = 2, .step = 5, .steps = 5, .loss = 1, .epoch_done = true};
  petra_test::captured const shown;
  progress_bar bar(shown.file());
  for (petra::index_t step = 1; step < 5; ++step) bar({.epochs = 2, .step = step, .steps = 5});
  bar(done);
  CHECK(shown.text() == progress_bar(stderr).line(done) + "\n");
}
