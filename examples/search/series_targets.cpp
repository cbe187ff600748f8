// Series with numbers to predict, judged by the root of the mean square error.
// compile: 30 s, 2 GB
#include "series.hpp"

[[gnu::cold]] int domains::series_targets(options const& o) {
  using namespace petra;
  auto loaded = data::load_target_series(o.data);
  return series_of<data::target_sequences, metric::rmse>(o, std::move(loaded.train), std::move(loaded.test), o.data, 0);
}
