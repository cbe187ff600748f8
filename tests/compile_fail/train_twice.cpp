// expect: petra: train starts from fresh weights and would throw away what came before: use finetune
#include "petra/compress/train.hpp"
auto const pipeline = petra::train{} | petra::train{};
