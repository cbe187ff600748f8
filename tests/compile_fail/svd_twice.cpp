// expect: petra: the weights are low-rank already: use lowrank::svd once
#include "petra/compress/lowrank/svd.hpp"
auto const pipeline = petra::lowrank::svd{} | petra::lowrank::svd{};
