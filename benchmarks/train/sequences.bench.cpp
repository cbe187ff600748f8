// InceptionTime on series of 144 steps and 24 channels, two GRU layers of 64 units over 100 steps, a transformer encoder of two
// blocks over 64 steps (64 wide, 4 heads, 256 inside). Adam.
#include "petra/nn/dense.hpp"
#include "petra/nn/gru.hpp"
#include "petra/nn/initialize.hpp"
#include "petra/nn/models/encoder_block.hpp"
#include "petra/nn/models/inception_time.hpp"
#include "petra/nn/pool1d.hpp"
#include "training.hpp"

namespace {

using namespace petra;

auto two_grus() {
  using namespace nn;
  return initialize(sequential{gru<32, 64>{}, gru<64, 64, recurrent_settings{.last = true}>{}, dense<64, 10>{}}, 1);
}
auto encoder() {
  using namespace nn;
  return initialize(sequential{models::encoder_block<64, 4, 256>(), models::encoder_block<64, 4, 256>(),
                               layer_norm<64>{}, global_avg_pool1d<>{}, dense<64, 10>{}},
                    1);
}

// Multiply-accumulates of an inception module of 32 filters over 128 or `in` channels, a step; those of the two shortcuts.
constexpr double inception(double in) { return 32 * in + 32 * 32 * (39 + 19 + 9) + 32 * in; }
constexpr double inception_macs = 144 * (inception(24) + 5 * inception(128) + 128 * 24 + 128 * 128);
constexpr double gru_macs = 100 * (3 * 64 * (32 + 64) + 3 * 64 * (64 + 64));
constexpr double encoder_macs = 2 * 64 * (4 * 64 * 64 + 2 * 64 * 64 + 2 * 64 * 256);

[[maybe_unused]] int const enrolled = [] {
  bench::enroll("inception_time", [] { return models::inception_time<24, 10>(1); }, {144, 24}, inception_macs, adam{},
                {.one_thread = 458e6, .two_threads = 238e6});
  bench::enroll("gru_2x64", two_grus, {100, 32}, gru_macs, adam{}, {.one_thread = 31.1e6, .two_threads = 32.0e6});
  bench::enroll("transformer", encoder, {64, 64}, encoder_macs, adam{}, {.one_thread = 30.2e6, .two_threads = 25.8e6});
  return 0;
}();

}  // namespace
