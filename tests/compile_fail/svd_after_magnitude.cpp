// expect: petra: this stage would fill the zeros of prune::magnitude: put it before the masks
#include "petra/compress/lowrank/svd.hpp"
#include "petra/compress/prune/magnitude.hpp"
auto const pipeline = petra::prune::magnitude{} | petra::lowrank::svd{};
