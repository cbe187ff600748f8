// expect: petra: this stage needs a trained model: put train first, or pass assume_trained(model)
#include "petra/compress/train.hpp"
#include "petra/nn/dense.hpp"
auto untrained(petra::context<petra::data::picture_set> const& c) {
  return compress(petra::nn::dense<2, 3>{}, petra::finetune{}, c);
}
