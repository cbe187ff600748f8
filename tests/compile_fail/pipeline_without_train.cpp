// expect: petra: this stage needs a trained model: put train first, or pass assume_trained(model)
// The pipeline alone is fine: it may be applied to a trained model.
#include "petra/compress/prune/magnitude.hpp"
#include "petra/compress/quantize/affine.hpp"
#include "petra/nn/dense.hpp"
auto untrained(petra::context<petra::data::picture_set> const& c) {
  return compress(petra::nn::dense<2, 3>{}, petra::prune::magnitude{} | petra::quantize::affine<8>{}, c);
}
