// What a training tells while it runs. On a terminal one line that is redrawn, elsewhere one plain line per epoch.
#pragma once
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <span>
#include <string>

#include "petra/core/extents.hpp"
#include "petra/nn/loss_terms.hpp"

namespace petra::inline PETRA_ABI::nn {

// State of a training after a step or an epoch.
struct progress {
  index_t epoch = 0, epochs = 0;  // epochs done, to do
  index_t step = 0, steps = 0;    // of this epoch
  double loss = 0;                // mean over this epoch so far
  double metric = -1;             // on the validation set; negative: not measured
  char const* metric_name = "accuracy";
  bool share = true;  // the metric lies in [0, 1] and is shown in percent
  double samples_per_s = 0;
  double seconds_left = 0;
  bool epoch_done = false;
  std::span<term_value const> terms{};  // of a loss of several terms: the mean of each over this epoch so far
};

// Monitors are called as monitor(progress const&).
struct silent {
  void operator()(progress const&) const {}
};

// "epoch  3/10 [=====>    ] loss 0.4312  accuracy 88.41 %  10234 samples/s  0:41 left"; after an epoch with the terms of the
// loss: "loss 0.4312 (cross_entropy 0.4 + l2 0.0312)".
class progress_bar {
 public:
  // metric: what to call it; "" = its own name.
  explicit progress_bar(std::FILE* out = stderr, std::string metric = "")
      : out_(out), terminal_(isatty(fileno(out)) != 0), metric_(std::move(metric)) {}

  void operator()(progress const& p) {
    // 10 redraws an epoch are enough on a slow terminal; plain output gets one line an epoch.
    bool const tick = p.epoch_done || (terminal_ && (p.step % std::max<index_t>(p.steps / 10, 1)) == 0);
    if (!tick) return;
    std::fprintf(out_, "%s%s%s", terminal_ ? "\r\033[K" : "", line(p).c_str(), terminal_ && !p.epoch_done ? "" : "\n");
    std::fflush(out_);
  }
  [[nodiscard, gnu::cold]] std::string line(progress const& p) const {
    constexpr index_t width = 20;
    double const share =
        p.epoch_done ? 1 : static_cast<double>(p.step) / static_cast<double>(std::max<index_t>(p.steps, 1));
    auto const filled = static_cast<index_t>(share * width);
    std::string bar(static_cast<std::size_t>(filled), '=');
    bar.resize(width, ' ');
    auto const left = static_cast<long>(p.seconds_left + 0.5);
    char text[200], metric[96] = "";
    char const* const name = metric_.empty() ? p.metric_name : metric_.c_str();
    if (p.metric >= 0)
      std::snprintf(metric, sizeof metric, p.share ? "%s %.2f %%  " : "%s %.4g  ", name,
                    p.share ? 100 * p.metric : p.metric);
    std::string terms;
    for (auto const& t : p.terms) {
      if (!p.epoch_done) break;
      std::snprintf(text, sizeof text, "%s%s %.4g", terms.empty() ? "(" : " + ", t.name, t.value);
      terms += text;
    }
    if (!terms.empty()) terms += ")  ";
    std::snprintf(text, sizeof text, "epoch %2td/%td [%s] loss %.4f  ", p.epoch_done ? p.epoch : p.epoch + 1, p.epochs,
                  bar.c_str(), p.loss);
    std::string all = text + terms + metric;
    std::snprintf(text, sizeof text, "%.0f samples/s  %ld:%02ld left", p.samples_per_s, left / 60, left % 60);
    return all + text;
  }

 private:
  std::FILE* out_;
  bool terminal_;
  std::string metric_;
};

}  // namespace petra::nn
