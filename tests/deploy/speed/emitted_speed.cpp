// Is the emitted program at most 5 % slower than the program with run-time extents, which is what the search measured?
//
// Both run in this process, pinned, in short turns. Noise of a shared machine only ever adds time, so the smallest of
// many turns is compared; turns go on until the claim holds or 200 of them did not make it hold.
#include <algorithm>
#include <cstdio>
#include <limits>

#include "float_model.hpp"
#include "int8_model.hpp"
#include "models.hpp"
#include "petra/deploy/measure.hpp"

using namespace petra::deploy;

namespace {

constexpr double allowed = 1.05;

template <class Emitted>
bool check(char const* name, program const& p, std::size_t bytes, bool tested, Emitted&& emitted) {
  if (!tested || bytes != static_cast<std::size_t>(p.size_bytes()))
    return std::printf("%s: the emitted model is not the measured one\n", name), false;
  session library(p);
  auto const x = invented_inputs(p, 1);
  std::vector<float> logits(static_cast<std::size_t>(p.output_size()));
  auto const measured = [&] { library.run(x.data(), logits.data()); };
  auto const shipped = [&] { emitted(x.data(), logits.data()); };
  petra::index_t const calls = calls_for(2e6, measured);
  double best_measured = std::numeric_limits<double>::infinity(), best_shipped = best_measured;
  int turn = 0;
  while (++turn <= 200) {
    best_measured = std::min(best_measured, time_calls(calls, measured));
    best_shipped = std::min(best_shipped, time_calls(calls, shipped));
    if (turn >= 50 && best_shipped <= allowed * best_measured) break;
  }
  double const ratio = best_shipped / best_measured;
  std::printf("%s: measured %.1f us, emitted %.1f us, ratio %.3f (%d turns)\n", name, best_measured * 1e-3,
              best_shipped * 1e-3, ratio, std::min(turn, 200));
  return ratio <= allowed;
}

}  // namespace

int main() {
  alignas(64) static unsigned char arena[std::max(int8_model::arena_bytes, float_model::arena_bytes)];
  pinned const core;
  bool const int8 = check("ResNet-8 int8", int8_program(), int8_model::weight_bytes, int8_model::self_test(arena),
                          [](float const* x, float* y) { int8_model::run(x, y, arena); });
  bool const real = check("ResNet-8 float", float_program(), float_model::weight_bytes, float_model::self_test(arena),
                          [](float const* x, float* y) { float_model::run(x, y, arena); });
  return int8 && real ? 0 : 1;
}
