#include "petra/tensor/tensor.hpp"

float sum(petra::tensor<float> const& t) {
  float s = 0;
  for (float const x : t) s += x;
  return s;
}
