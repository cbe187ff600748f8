// expect: petra: this stage touches nothing in this model: no weight or tensor has the slot or structure it rewrites
// Grouped convolutions are skipped by their type.
#include "petra/compress/lowrank/svd.hpp"
#include "petra/nn/conv2d.hpp"
auto out(petra::context<petra::data::picture_set> const& c) {
  using namespace petra::nn;
  return compress(petra::assume_trained(conv2d<8, 8, window{.groups = 2}>{}), petra::lowrank::svd{}, c);
}
