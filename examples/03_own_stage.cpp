// A stage of one's own, in a namespace of one's own. It pulls outlying weights in before quantization, so that the int8 grid
// of their row gets finer steps. It joins pipelines and search spaces like petra's own stages.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "petra/petra.hpp"

namespace mine {

// For expressions whose first two stages are both from this namespace.
using petra::operator|;

struct clip_weights {
  float deviations = 3.f;  // weights further from 0 than so many standard deviations of their row are clipped

  static constexpr petra::rule law{.needs = petra::trained, .forbids = petra::quantized};
  static constexpr char const* name = "mine::clip_weights";
  static auto settings() {
    return std::tuple{petra::setting{"deviations", &clip_weights::deviations, {2.5f, 3.f, 4.f}}};
  }
  void check() const {
    if (!(deviations > 0))
      throw petra::setting_error("clip_weights: deviations must be > 0, found " + std::to_string(deviations));
  }
  // Every leaf of every weight, whatever its slots hold and whichever structure it is part of.
  template <class Mask, class Grid>
  petra::nn::leaf<Mask, Grid> rewrite(petra::nn::leaf<Mask, Grid> leaf) const {
    petra::index_t const cols = leaf.w.cols();
    for (petra::index_t o = 0; o < leaf.w.rows(); ++o) {
      float sum = 0;
      for (petra::index_t k = 0; k < cols; ++k) sum += leaf.w(o, k) * leaf.w(o, k);
      float const most = deviations * std::sqrt(sum / static_cast<float>(cols));
      for (petra::index_t k = 0; k < cols; ++k) leaf.w(o, k) = std::clamp(leaf.w(o, k), -most, most);
    }
    return leaf;
  }
  friend bool operator==(clip_weights const&, clip_weights const&) = default;
};

static_assert(petra::stage<clip_weights>);

}  // namespace mine

int main() {
  auto const set = petra::data::synthetic_pictures({.count = 3000, .seed = 1});
  auto const [train, test] = petra::data::split(set, 0.25, 1);
  petra::context<petra::data::picture_set> const context{.train = &train};
  auto const model = petra::models::small_cnn<1, 10>(1);

  auto const trained = petra::compress(model, petra::train{.epochs = 5}, context);
  auto const plain = petra::compress(trained, petra::quantize::affine<8>{}, context);
  auto const clipped = petra::compress(trained, mine::clip_weights{.deviations = 2.5f} | petra::quantize::affine<8>{}, context);

  auto const shape = train.sample_shape();
  std::printf("int8: %.1f %%, with clipped weights: %.1f %%\n",
              100 * petra::search::accuracy(petra::deploy::lower(plain, shape), test),
              100 * petra::search::accuracy(petra::deploy::lower(clipped, shape), test));
  for (auto const& r : clipped.reports) std::printf("%s: %td places\n", r.stage.c_str(), r.touched);

  // The same stage as a gene of a search.
  using space = petra::search::space<petra::train, mine::clip_weights, petra::quantize::affine<8>>;
  space::genome const genome{petra::train{.epochs = 5}, mine::clip_weights{}, petra::quantize::affine<8>{}};
  space const choices({genome});
  petra::random r(1);
  std::printf("%s\n%s\n", choices.text(genome).c_str(), choices.text({choices.mutate(genome[1], r)}).c_str());

  auto opened = space::open(model);
  for (auto const& gene : genome) opened = space::apply(gene, opened, context);  // one type, whatever the genome
}
