// A stage of one's own, in a namespace of one's own: of every four neighboring weights of a row it keeps the two
// largest (the 2:4 pattern). It joins pipelines and search spaces like petra's own stages.
// Source: Mishra et al., "Accelerating Sparse Deep Neural Networks", 2021.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "petra/petra.hpp"

namespace mine {

// For expressions whose first two stages are both from this namespace.
using petra::operator|;

struct n_of_m {
  petra::index_t keep = 2, of = 4;

  static constexpr petra::rule law{
      .needs = petra::trained, .forbids = petra::masked | petra::quantized, .gives = petra::masked};
  static constexpr char const* name = "mine::n_of_m";
  static auto settings() {
    return std::tuple{petra::setting{"keep", &n_of_m::keep, {1, 2, 3}}, petra::setting{"of", &n_of_m::of}};
  }
  void check() const {
    if (keep < 1 || keep >= of)
      throw petra::setting_error("n_of_m: keep must lie in [1, " + std::to_string(of) + "), found " +
                                 std::to_string(keep));
  }
  // Sets the mask slot of every leaf, whatever the layer. Points have the same slots but no weights.
  template <class Leaf>
    requires requires(Leaf const& l) { l.w; }
  petra::nn::mask rewrite(petra::nn::no_mask const&, Leaf const& leaf) const {
    petra::nn::mask m{petra::tensor<float>(leaf.w.shape())};
    for (petra::index_t o = 0; o < leaf.w.rows(); ++o)
      for (petra::index_t k = 0; k < leaf.w.cols(); ++k) {
        petra::index_t const first = k / of * of, end = std::min(first + of, leaf.w.cols());
        petra::index_t larger = 0;  // of two equal ones the first counts as larger
        for (petra::index_t j = first; j < end; ++j) {
          float const a = std::abs(leaf.w(o, j)), b = std::abs(leaf.w(o, k));
          larger += a > b || (a == b && j < k);
        }
        m.keep(o, k) = larger < keep ? 1.f : 0.f;
      }
    return m;
  }
  friend bool operator==(n_of_m const&, n_of_m const&) = default;
};

static_assert(petra::stage<n_of_m>);

}  // namespace mine

int main() {
  auto const set = petra::data::synthetic_pictures({.count = 3000, .seed = 1});
  auto const [train, test] = petra::data::split(set, 0.25, 1);
  petra::context<petra::data::picture_set> const context{.train = &train};
  auto const model = petra::models::small_cnn<1, 10>(1);

  auto const trained = petra::compress(model, petra::train{.epochs = 6}, context);
  auto const half = petra::compress(trained, mine::n_of_m{}, context);
  petra::finetune const recover{.epochs = 3, .learning_rate = 0.05f};
  auto const tuned = petra::compress(half, recover | petra::quantize::affine<8>{}, context);

  auto report = [&](char const* what, auto const& m) {
    auto const program = petra::deploy::lower(m, train.sample_shape());
    std::printf("%s: %.1f %%\n", what, 100 * petra::search::accuracy(program, test));
  };
  report("trained", trained);
  report("half of the weights", half);
  report("fine-tuned and quantized", tuned);
  for (auto const& r : tuned.reports) std::printf("  %s: %td places\n", r.stage.c_str(), r.touched);

  // The same stage as a gene of a search, with its settings and its law.
  using space = petra::search::space<petra::train, petra::finetune, mine::n_of_m, petra::quantize::affine<8>>;
  petra::train const first{.epochs = 6};
  petra::quantize::affine<8> const last;
  space::genome const good{first, mine::n_of_m{}, recover, last}, bad{first, last, mine::n_of_m{}};
  space const choices({good});
  petra::random r(1);
  auto const opened = space::open(model);  // one type for every genome
  auto const masked = space::apply(good[1], opened, context);
  std::printf("a gene: %s, mutated: %s\n", choices.text({good[1]}).c_str(),
              choices.text({choices.mutate(good[1], r)}).c_str());
  return choices.legal(good) && !choices.legal(bad) && std::is_same_v<decltype(masked), decltype(opened)> ? 0 : 1;
}
