// Pictures: ResNet-8, judged by accuracy.
// compile: 30 s, 2 GB
#include <tuple>

#include "job.hpp"

namespace {

using namespace petra;
using stages = search::space<train, finetune, prune::channels, lowrank::svd, quantize::affine<8>>;

// The baseline in int8, others after the shared training.
[[gnu::cold]] std::vector<stages::genome> starts(train const& whole, train const& t, finetune const& recover) {
  quantize::affine<8> const int8;
  auto pruned = [&](float ratio) { return stages::genome{t, prune::channels{.ratio = ratio}, recover, int8}; };
  return {{whole, int8},
          pruned(0.375f),
          pruned(0.5f),
          pruned(0.25f),
          pruned(0.625f),
          {t, int8, finetune{.epochs = 1, .learning_rate = 0.003f}},
          {t, lowrank::svd{.keep = lowrank::energy{0.8f}}, finetune{.epochs = (recover.epochs + 1) / 2}, int8}};
}

}  // namespace

[[gnu::cold]] int domains::pictures(options const& o) {
  data::picture_set train, test;
  if (o.data.empty()) {
    test = data::synthetic_pictures({.count = 2000, .seed = key(o.seed, 2)});
    train = data::synthetic_pictures({.count = 7000, .seed = key(o.seed, 1)});
  } else {
    auto folder = data::load_pictures(o.data);
    train = std::move(folder.train);
    test = std::move(folder.test);
  }
  auto const shape = train.sample_shape();
  index_t const classes = train.classes();
  using model = decltype(models::resnet8<>(o.seed, shape[2], classes));
  domain<stages, data::picture_set, model, metric::accuracy> d{
      .name = o.data.empty() ? "synthetic pictures" : o.data,
      .samples = "pictures",
      .network = "resnet8",
      .test = std::move(test),
      .model = models::resnet8<>(o.seed, shape[2], classes),
      // An eighth of the side, as He et al. for CIFAR-10. Synthetic figures have no mirror images.
      .augmentation = data::crop_flip{.pad = std::max<index_t>(1, shape[0] / 8), .flip = o.flip && !o.data.empty()},
      .usual_seconds = o.data.empty() ? 200. : 840.,
      .recovery = {.learning_rate = 0.05f},
      .starts = starts};
  std::tie(d.train, d.valid) = split(train, o);
  // Enough for convergence on small sets, affordable on large ones.
  d.usual_epochs = std::clamp<index_t>(1'000'000 / std::max<index_t>(d.train.size(), 1), 12, 24);
  d.train.scaling = data::fit_normalization(d.train);
  d.valid.scaling = d.test.scaling = d.train.scaling;
  return job::run(o, d);
}
