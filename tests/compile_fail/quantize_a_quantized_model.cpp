// expect: petra: the model is quantized already: quantize once, at the end
// The facts of a model are carried from pipeline to pipeline.
#include "petra/compress/quantize/affine.hpp"
#include "petra/nn/dense.hpp"
using data_context = petra::context<petra::data::picture_set>;
auto twice(data_context const& c) {
  auto const once = compress(petra::assume_trained(petra::nn::dense<2, 3>{}), petra::quantize::affine<8>{}, c);
  return compress(once, petra::quantize::affine<8>{}, c);
}
