// compile: 10 s, 1 GB
// A program that trains a network of ten layers on its own data set.
#include <cstdio>

#include "petra/data/synthetic_pictures.hpp"
#include "petra/nn/fit.hpp"
#include "petra/nn/initialize.hpp"
#include "petra/nn/models/blocks.hpp"

int main() {
  using namespace petra::nn;
  auto const set = petra::data::synthetic_pictures({.count = 1000, .seed = 1});
  auto model = initialize(sequential{conv2d<1, 16>{}, batch_norm<16>{}, relu{}, max_pool<2>{}, conv2d<16, 32>{},
                                     batch_norm<32>{}, relu{}, global_avg_pool<>{}, flatten{}, dense<32, 10>{}},
                          1);
  fit(model, set, &set, {.epochs = 1}, petra::loss::cross_entropy{}, progress_bar{});
  std::printf("%.1f %%\n", 100 * accuracy(model, set));
}
