// expect: petra: this stage changes float weights and cannot come after quantize: put it before
#include "petra/compress/lowrank/svd.hpp"
#include "petra/compress/quantize/affine.hpp"
auto const pipeline = petra::quantize::affine<8>{} | petra::lowrank::svd{};
