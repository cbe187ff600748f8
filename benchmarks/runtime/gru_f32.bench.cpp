// float GRU at batch 1: single steps as RTNeural's benchmark takes them (one input, N units; its figures are recorded),
// and the layers of the GRU 2 x 64 over 100 steps. Of "in" inputs, "h" units, "t" steps.
#include "recurrent_f32.hpp"

namespace {

using recurrent::recurrent_shape;

[[maybe_unused]] int const enrolled = [] {
  recurrent::row<recurrent_shape{1, 1, 8}>(true, "in1h8t1", 51);
  recurrent::row<recurrent_shape{1, 1, 16}>(true, "in1h16t1", 45);
  recurrent::row<recurrent_shape{1, 1, 32}>(true, "in1h32t1", 95);
  recurrent::row<recurrent_shape{1, 1, 64}>(true, "in1h64t1", 307);
  recurrent::row<recurrent_shape{1, 64, 64}>(true, "in64h64t1");
  recurrent::row<recurrent_shape{100, 32, 64}>(true, "in32h64t100");
  recurrent::row<recurrent_shape{100, 64, 64}>(true, "in64h64t100");
  return 0;
}();

}  // namespace
