// expect: petra: train starts from fresh weights and would throw away what came before: use finetune
#include "petra/compress/train.hpp"
#include "petra/nn/dense.hpp"
auto again(petra::context<petra::data::picture_set> const& c) {
  return compress(petra::assume_trained(petra::nn::dense<2, 3>{}), petra::train{}, c);
}
