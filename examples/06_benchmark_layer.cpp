// Times a layer of your own shape, and a whole model, in every form that petra can ship, beside bytes and error.
//
//   ./06_benchmark_layer --benchmark_filter=dense
#include "petra/interop/benchmark.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/models/resnet8.hpp"

int main(int argc, char** argv) {
  auto const layer = petra::nn::initialize(petra::nn::sequential{petra::nn::dense<512, 512>{}}, 1);
  petra::interop::benchmark_variants("dense 512x512", layer, {1, 1, 512});
  petra::interop::benchmark_variants("resnet8", petra::models::resnet8<3, 10>(1), {32, 32, 3});

  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
