// What holds for a whole training step: the same bits whoever computes its pieces and in which order, and no allocation after the
// first.
#include <doctest/doctest.h>

#include "../counted_new.hpp"
#include "petra/grad/bf16.hpp"
#include "trained_bits.hpp"

namespace {

// Pieces in order, last one first, and odd ones before even ones, by three workers in turn.
void pieces_backwards(void const*, petra::index_t n, void const* task, petra::workers::piece_function f) {
  for (petra::index_t i = n; i-- > 0;) f(task, i, static_cast<int>(i % 3));
}
void odd_pieces_first(void const*, petra::index_t n, void const* task, petra::workers::piece_function f) {
  for (petra::index_t i = 1; i < n; i += 2) f(task, i, 0);
  for (petra::index_t i = 0; i < n; i += 2) f(task, i, 1);
}

}  // namespace

TEST_CASE("training step: the same bits in whatever order the pieces are computed") {
  for (auto const* const bf16 : {static_cast<petra::products const*>(nullptr), &petra::bf16_products<>}) {
    CAPTURE(bf16 != nullptr);
    auto const resnet = trained::bits_after_three_steps(trained::small_resnet(), trained::pictures(), {}, bf16);
    auto const mlp = trained::bits_after_three_steps(trained::small_mlp(), trained::rows(), {}, bf16);
    for (auto* const run : {pieces_backwards, odd_pieces_first}) {
      petra::workers const w{3, nullptr, run};
      CHECK(trained::bits_after_three_steps(trained::small_resnet(), trained::pictures(), w, bf16) == resnet);
      CHECK(trained::bits_after_three_steps(trained::small_mlp(), trained::rows(), w, bf16) == mlp);
    }
  }
}

TEST_CASE("training step: nothing is allocated after the first") {
  auto const later_steps = [](auto t) {
    t.step();
    long const before = petra_test::allocations;
    for (int i = 0; i < 3; ++i) t.step();
    return petra_test::allocations - before;
  };
  CHECK(later_steps(trained::training(trained::small_resnet(), trained::pictures(), {})) == 0);
  CHECK(later_steps(trained::training(trained::small_mlp(), trained::rows(), {})) == 0);
  petra::workers const three{3, nullptr, pieces_backwards};
  CHECK(later_steps(trained::training(trained::small_resnet(), trained::pictures(), three)) == 0);
}
