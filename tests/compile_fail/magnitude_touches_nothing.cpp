// expect: petra: this stage touches nothing in this model: no weight or tensor has the slot or structure it rewrites
#include "petra/compress/prune/magnitude.hpp"
#include "petra/nn/pool.hpp"
#include "petra/nn/relu.hpp"
#include "petra/nn/sequential.hpp"
auto out(petra::context<petra::data::picture_set> const& c) {
  using namespace petra::nn;
  return compress(petra::assume_trained(sequential{relu{}, max_pool<2>{}}), petra::prune::magnitude{}, c);
}
