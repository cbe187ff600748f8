// What a domain brings to the main job (job.hpp).
#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "../options.hpp"
#include "domains.hpp"
#include "petra/petra.hpp"

namespace domains {

// What the main job does is the same for all of them. Stages: search::space<...>; Metric: of nn/metrics/.
template <class Stages, class Set, class Model, class Metric>
struct domain {
  using stages = Stages;
  using genome = typename Stages::genome;

  std::string name{};     // of the data: a folder, or "synthetic pictures"
  std::string samples{};  // what many of them are called
  std::string network{};  // the model's name
  Set train{}, valid{}, test{};
  double held_out = 0.1;  // share of the training part that is `valid`
  Model model;
  Metric metric{};
  std::string metric_name = Metric::name;
  std::optional<petra::data::crop_flip> augmentation{};
  double usual_seconds = 200;       // of a run
  petra::index_t usual_epochs = 0;  // of the baseline, in a run of usual_seconds
  // How this domain trains; epochs and rates of candidates are found by the search.
  petra::train training{};
  petra::finetune recovery{};
  std::vector<petra::search::setting_bound> bounds{};
  // Where a search begins: one genome of each kind. whole: the baseline's training; shared: what all candidates begin with;
  // recover: after a stage that cost quality.
  std::vector<genome> (*starts)(petra::train const& whole, petra::train const& shared,
                                petra::finetune const& recover) = nullptr;
};

// What is set aside of the training part for the search to judge by: a tenth, of small sets more. A few samples cannot tell one
// model from another, and the search would choose by chance.
inline double small_set_share(petra::index_t samples) {
  return std::clamp(100 / static_cast<double>(std::max<petra::index_t>(samples, 1)), 0.1, 0.3);
}
template <class Set>
std::pair<Set, Set> split(Set const& all, options const& o, double share = 0.1) {
  auto parts = petra::data::split(all, share, o.seed);
  return {std::move(parts.train), std::move(parts.valid)};
}

}  // namespace domains
