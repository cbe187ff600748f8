// Trains a small CNN on synthetic pictures, with a progress bar. `01_train FILE` keeps a checkpoint in FILE: stop it,
// start it again, and it goes on after the last finished epoch, to the same bits.
// `01_train --task NAME` trains on real data instead: tasks/, `--help` lists them.
#include <cstdio>
#include <exception>

#include "petra/data/split.hpp"
#include "petra/data/synthetic_pictures.hpp"
#include "petra/nn/fit.hpp"
#include "petra/nn/models/small_cnn.hpp"
#include "tasks/run.hpp"

int main(int argc, char** argv) try {
  if (argc > 1 && argv[1][0] == '-') return tasks::run(argc, argv);
  auto const set = petra::data::synthetic_pictures({.count = 5000, .seed = 1});
  auto const [train, valid] = petra::data::split(set, 0.2, 1);

  auto model = petra::models::small_cnn<1, 10>(1);
  petra::nn::fit_settings const settings{
      .epochs = 8,
      .optimizer = petra::sgd{.momentum = 0.9f, .weight_decay = 5e-4f},
      .schedule = petra::one_cycle{},
      .augmentation = {.pad = 3, .flip = false},  // these figures have no mirror images
      .checkpoint = argc > 1 ? argv[1] : "",
  };
  petra::loss::cross_entropy const loss{.smoothing = 0.05f};
  petra::nn::fit(model, train, &valid, settings, loss, petra::nn::progress_bar{});

  std::printf("validation accuracy %.2f %%\n", 100 * petra::nn::accuracy(model, valid));
  petra::nn::save_model("small_cnn.safetensors", model);
} catch (std::exception const& e) {
  std::fprintf(stderr, "01_train: %s\n", e.what());
  return 1;
}
