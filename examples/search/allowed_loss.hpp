// What --max-loss means: points of an accuracy, percent of an error, the unit of any other metric.
#pragma once
#include "../options.hpp"
#include "petra/report/format.hpp"

namespace job {

// Throws: setting_error when --max-loss is more than the metric can lose.
inline void check_max_loss(options const& o, petra::report::front_report const& r) {
  if (o.max_loss && r.higher_is_better && !petra::report::in_percent(r) && *o.max_loss > 0.5)
    petra::throw_error<petra::setting_error>({"--max-loss: expected a loss of ", r.metric,
                                              " of at most 0.5 (0.01 is usual), found ",
                                              petra::report::fixed(*o.max_loss, 2), "; only accuracies are in points"});
}

// In the unit of the metric, against the baseline of r.
[[nodiscard]] inline double allowed_loss(options const& o, petra::report::front_report const& r) {
  if (petra::report::in_percent(r)) return o.max_loss.value_or(1) / 100;
  if (r.higher_is_better) return o.max_loss.value_or(0.01);
  return o.max_loss.value_or(2) / 100 * r.baseline.quality;
}

}  // namespace job
