// expect: petra: the model is quantized already: quantize once, at the end
#include "petra/compress/quantize/affine.hpp"
auto const pipeline = petra::quantize::affine<8>{} | petra::quantize::affine<8>{};
