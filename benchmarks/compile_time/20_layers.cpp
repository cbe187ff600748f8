// What a device compiles: twenty int8 layers with literal extents, as an emitted ResNet-20 has them.
// compile: 10 s, 1 GB
#include "petra/runtime/runtime.hpp"

namespace rt = petra::rt;

namespace {

constexpr rt::conv_shape conv(rt::index_t c, rt::index_t o, rt::index_t size, rt::index_t stride) {
  rt::index_t const out = size / stride;
  return {.in = {size, size, c, 1}, .out = {out, out, o, 1}, .kernel_h = 3, .kernel_w = 3, .stride = stride, .pad = 1};
}

alignas(64) std::int8_t arena[2][34 * 34 * 64 + 64];
std::int32_t const bias[64]{}, multiplier[64]{};
std::int8_t const shift[64]{};

template <rt::conv_shape Shape, int Layer>
void layer() {
  alignas(64) static std::int8_t const w[rt::packed_size(Shape)]{};
  rt::conv2d_s8(rt::fixed<Shape>{}, arena[Layer % 2], w, bias, multiplier, shift, arena[1 - Layer % 2]);
}

}  // namespace

void run() {
  layer<conv(3, 16, 32, 1), 0>();
  layer<conv(16, 16, 32, 1), 1>(), layer<conv(16, 16, 32, 1), 2>(), layer<conv(16, 16, 32, 1), 3>();
  layer<conv(16, 16, 32, 1), 4>(), layer<conv(16, 16, 32, 1), 5>(), layer<conv(16, 16, 32, 1), 6>();
  layer<conv(16, 32, 32, 2), 7>(), layer<conv(32, 32, 16, 1), 8>(), layer<conv(32, 32, 16, 1), 9>();
  layer<conv(32, 32, 16, 1), 10>(), layer<conv(32, 32, 16, 1), 11>(), layer<conv(32, 32, 16, 1), 12>();
  layer<conv(32, 64, 16, 2), 13>(), layer<conv(64, 64, 8, 1), 14>(), layer<conv(64, 64, 8, 1), 15>();
  layer<conv(64, 64, 8, 1), 16>(), layer<conv(64, 64, 8, 1), 17>(), layer<conv(64, 64, 8, 1), 18>();
  layer<conv(64, 64, 8, 1), 19>();
}
