// Maximum and mean over windows of steps in training and their gradients, batch 64: the pool of an inception module, and the
// mean over all steps at the end.
#include "petra/kernel/simd/pool1d.hpp"
#include "../arrays.hpp"

namespace {

using namespace petra;

struct series {
  explicit series(kernel::pool1d_dims const& d, bool backward) {
    index_t const map = d.n * d.steps * d.c, windows = d.n * d.out() * d.c;
    x = bench::aligned(bench::floats(backward ? windows : map, backward ? 2 : 1));
    y.resize(static_cast<std::size_t>(backward ? map : windows));
    argmax.resize(static_cast<std::size_t>(windows));
    for (index_t i = 0; i < windows; ++i)
      argmax[static_cast<std::size_t>(i)] = static_cast<std::int32_t>(std::min(i / d.c % d.out(), d.steps - 1));
  }
  bench::lines<float> x, y;
  bench::lines<std::int32_t> argmax;
};

void enroll(kernel::pool1d_dims const& d) {
  auto const row = [&](char const* name) {
    return bench::row{.name = name,
                      .shape = std::to_string(d.steps) + "x" + std::to_string(d.c) + "_k" + std::to_string(d.taps) +
                               "_s" + std::to_string(d.stride) + "_b" + std::to_string(d.n),
                      .bytes = 4. * static_cast<double>(d.n * d.steps * d.c)};
  };
  bench::row most = row("max_pool1d"), most_backward = row("max_pool1d_backward"), mean = row("avg_pool1d"),
             mean_backward = row("avg_pool1d_backward");
  auto const forward = [d] { return series(d, false); };
  auto const backward = [d] { return series(d, true); };
  bench::twins(most, forward,
               [d](auto tag, series& o) { kernel::max_pool1d(tag, d, o.x.data(), o.y.data(), o.argmax.data()); });
  bench::twins(most_backward, backward, [d](auto tag, series& o) {
    kernel::max_pool1d_backward(tag, d, o.argmax.data(), o.x.data(), o.y.data());
  });
  bench::twins(mean, forward, [d](auto tag, series& o) { kernel::avg_pool1d(tag, d, o.x.data(), o.y.data()); });
  bench::twins(mean_backward, backward,
               [d](auto tag, series& o) { kernel::avg_pool1d_backward(tag, d, o.x.data(), o.y.data()); });
}

[[maybe_unused]] int const enrolled = [] {
  enroll({64, 144, 128, 3, 1, 1, 1});
  enroll({64, 144, 128, 144});
  return 0;
}();

}  // namespace
