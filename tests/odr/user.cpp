#include "petra/tensor/tensor.hpp"

float sum(petra::tensor<float> const& t);

int main() { return sum(petra::tensor<float>(petra::shape(2), {1, 2})) == 3.f ? 0 : 1; }
