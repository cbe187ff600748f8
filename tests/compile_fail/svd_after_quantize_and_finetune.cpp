// expect: petra: this stage changes float weights and cannot come after quantize: put it before
// Facts, not neighbors: quantize is two stages back.
#include "petra/compress/lowrank/svd.hpp"
#include "petra/compress/quantize/affine.hpp"
#include "petra/compress/train.hpp"
auto const pipeline = petra::train{} | petra::quantize::affine<8>{} | petra::finetune{} | petra::lowrank::svd{};
