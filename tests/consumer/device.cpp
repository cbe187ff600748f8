// What a device compiles: runtime/ alone, with nothing but a compiler.
#include "petra/runtime/runtime.hpp"

int main() {
  namespace rt = petra::rt;
  // 100 * 0.25, through the integers that ship.
  auto const q = rt::quantize_multiplier(0.25);
  return rt::rounding::single::apply(100, q.multiplier, q.shift) == 25 ? 0 : 1;
}
