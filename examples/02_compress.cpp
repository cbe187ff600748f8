// README's example: train, compress and emit a model in one page.
#include <cstdio>

#include "petra/petra.hpp"

int main() {
  auto const set = petra::data::synthetic_pictures({.count = 4000, .seed = 1});
  auto const [train, test] = petra::data::split(set, 0.25, 1);

  auto const model = petra::models::small_cnn<1, 10>(1);
  petra::context<petra::data::picture_set> const context{.train = &train};

  auto const pipeline = petra::train{.epochs = 8} | petra::prune::channels{.ratio = 0.25f} |
                        petra::finetune{.epochs = 4, .learning_rate = 0.05f} | petra::quantize::affine<8>{};
  auto const small = petra::compress(model, pipeline, context);
  auto const plain = petra::compress(model, petra::train{.epochs = 12}, context);

  for (auto const& r : small.reports) std::printf("%s: %td places\n", r.stage.c_str(), r.touched);
  auto const shape = train.sample_shape();
  for (auto const& program : {petra::deploy::lower(plain, shape), petra::deploy::lower(small, shape)})
    std::printf("%.1f %%, %td bytes, %.1f us\n", 100 * petra::search::accuracy(program, test), program.size_bytes(),
                petra::deploy::measure_latency(program).p50_ns / 1000);

  petra::write_file("model.hpp", petra::deploy::emit(petra::deploy::lower(small, shape)));
}
