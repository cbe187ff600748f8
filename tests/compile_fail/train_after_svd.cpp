// expect: petra: this stage cannot come after a stage before it
#include "petra/compress/lowrank/svd.hpp"
#include "petra/compress/train.hpp"
auto const pipeline = petra::lowrank::svd{} | petra::train{};
