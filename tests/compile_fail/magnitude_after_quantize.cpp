// expect: petra: this stage changes float weights and cannot come after quantize: put it before
#include "petra/compress/prune/magnitude.hpp"
#include "petra/compress/quantize/affine.hpp"
auto const pipeline = petra::quantize::affine<8>{} | petra::prune::magnitude{};
