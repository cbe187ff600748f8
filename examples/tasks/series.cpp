// Series of the UCR, UEA and TSER archives: InceptionTime.
#include "petra/data/augment_series.hpp"
#include "petra/data/series_folder.hpp"
#include "petra/nn/models/inception_time.hpp"
#include "task.hpp"

namespace tasks {

namespace {

using namespace petra;

struct series_settings {
  index_t steps = 1500;  // of a training, in whole epochs
  index_t batch = 16;
  float learning_rate = 1e-3f;
  float slice = 0.9f;  // share of a series that a window has; 1: the whole series
};

nn::fit_settings settings_for(index_t samples, series_settings const& s) {
  index_t const batch = std::min(s.batch, samples), steps_per_epoch = samples / batch;
  return {.epochs = (s.steps + steps_per_epoch - 1) / steps_per_epoch,
          .batch = batch,
          .learning_rate = s.learning_rate,
          .optimizer = adamw{.weight_decay = 0.01f},
          .schedule = cosine{}};
}

auto variation(series_settings const& s) {
  return data::chain<data::window_slice, data::chain<data::scaling, data::jitter>>{{.share = s.slice},
                                                                                   {{.sigma = 0.1f}, {.sigma = 0.03f}}};
}

row classify(options const& o, char const* name, char const* folder, series_settings const& s) {
  auto loaded = data::load_series(concat({o.data, "/timeseries/", folder}));
  auto const [train, test] = chosen_parts(o, std::move(loaded.train), std::move(loaded.test));
  index_t const channels = train.channels(), classes = train.classes();
  return train_and_test(
      o, {.task = name, .model = "InceptionTime"}, train, test,
      [=](std::uint64_t seed) { return models::inception_time<>(seed, channels, classes); }, 3,
      settings_for(train.size(), s), loss::cross_entropy{.smoothing = 0.1f}, metric::accuracy{}, variation(s));
}

row swedish_leaf(options const& o) { return classify(o, "swedish-leaf", "SwedishLeaf", {.steps = 3000, .batch = 32}); }
row osu_leaf(options const& o) { return classify(o, "osu-leaf", "OSULeaf", {.steps = 1500}); }
row synthetic_control(options const& o) { return classify(o, "synthetic-control", "SyntheticControl", {}); }
row cbf(options const& o) { return classify(o, "cbf", "CBF", {.steps = 500}); }
row gun_point(options const& o) { return classify(o, "gun-point", "GunPoint", {.steps = 800}); }
row basic_motions(options const& o) { return classify(o, "basic-motions", "BasicMotions", {.steps = 500}); }
row japanese_vowels(options const& o) { return classify(o, "japanese-vowels", "JapaneseVowels", {}); }

row appliances_energy(options const& o) {
  auto loaded = data::load_target_series(o.data + "/timeseries/AppliancesEnergy");
  auto const [train, test] = chosen_parts(o, std::move(loaded.train), std::move(loaded.test));
  index_t const channels = train.channels();
  series_settings const s{.steps = 400};
  return train_and_test(
      o, {.task = "appliances-energy", .model = "InceptionTime"}, train, test,
      [=](std::uint64_t seed) { return models::inception_time<dyn, 1>(seed, channels); }, 5,
      settings_for(train.size(), s), loss::huber{}, metric::rmse{}, variation(s));
}

}  // namespace

std::vector<task> series_tasks() {
  return {{"swedish-leaf", "leaf outlines, 15 classes", swedish_leaf},
          {"osu-leaf", "leaf outlines, 6 classes", osu_leaf},
          {"synthetic-control", "control charts, 6 classes", synthetic_control},
          {"cbf", "cylinder, bell, funnel", cbf},
          {"gun-point", "hand movements, 2 classes", gun_point},
          {"basic-motions", "accelerometer and gyroscope, 4 classes", basic_motions},
          {"japanese-vowels", "speakers by 12 cepstrum coefficients of unequal length, 9 classes", japanese_vowels},
          {"appliances-energy", "energy of a day in kWh by 24 sensors (regression)", appliances_energy}};
}

}  // namespace tasks
