// What an outside program does first: include everything, make a tensor.
#include <cstdio>

#include "petra/petra.hpp"

int main() {
  petra::tensor<float> const t(petra::shape(2, 2), {1, 2, 3, 4});
  std::printf("petra %s: %g\n", petra::version, static_cast<double>(t.matrix()(1, 1)));
  return t(1, 1) == 4.f ? 0 : 1;
}
