// float LSTM at batch 1: single steps as RTNeural's benchmark takes them (one input, N units; its figures are recorded),
// and a layer over 100 steps. Of "in" inputs, "h" units, "t" steps.
#include "recurrent_f32.hpp"

namespace {

using recurrent::recurrent_shape;

[[maybe_unused]] int const enrolled = [] {
  recurrent::row<recurrent_shape{1, 1, 8}>(false, "in1h8t1", 47);
  recurrent::row<recurrent_shape{1, 1, 16}>(false, "in1h16t1", 51);
  recurrent::row<recurrent_shape{1, 1, 32}>(false, "in1h32t1", 98);
  recurrent::row<recurrent_shape{1, 1, 64}>(false, "in1h64t1", 437);
  recurrent::row<recurrent_shape{100, 64, 64}>(false, "in64h64t100");
  return 0;
}();

}  // namespace
