// Series with classes, judged by accuracy.
// compile: 30 s, 2 GB
#include "series.hpp"

[[gnu::cold]] int domains::series(options const& o) {
  using namespace petra;
  if (!o.data.empty() && data::series_have_targets(o.data)) return series_targets(o);
  data::series_folder loaded;
  if (o.data.empty())
    loaded = {data::synthetic_series({.count = 800, .seed = key(o.seed, 1)}),
              data::synthetic_series({.count = 800, .seed = key(o.seed, 2)})};
  else
    loaded = data::load_series(o.data);
  return series_of<data::labeled_sequences, metric::accuracy>(o, std::move(loaded.train), std::move(loaded.test),
                                                              o.data.empty() ? "synthetic series" : o.data, 0.1f);
}
