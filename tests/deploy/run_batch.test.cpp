#include "petra/deploy/run_batch.hpp"

#include <doctest/doctest.h>

#include <thread>

#include "petra/deploy/compile.hpp"
#include "sample_graphs.hpp"

using namespace petra::deploy;
using petra::index_t;

namespace {

// A thread for each task.
struct threads_for_tasks {
  template <class F>
  void for_each(index_t n, F const& f) const {
    std::vector<std::thread> others;
    for (index_t i = 0; i < n; ++i) others.emplace_back([&f, i] { f(i); });
    for (std::thread& t : others) t.join();
  }
};

}  // namespace

TEST_CASE("run_batch: the logits of one session, for any number of sessions and samples; nothing behind them") {
  program const p = compile(sample::resnet8(true, {9, 11, 1}, 5, 1));
  constexpr index_t most = 7;
  auto const x = sample::random_input(most * p.input_size(), 1);
  std::vector<float> expected(static_cast<std::size_t>(most * p.output_size()));
  session one(p);
  run_batch(one, x.data(), most, expected.data());
  for (std::size_t const threads : {1u, 2u, 5u})
    for (index_t const count : {index_t{0}, index_t{1}, most}) {
      std::vector<session> sessions(threads, session(p));
      std::vector<float> logits(expected.size(), 77.f);
      run_batch(sessions, x.data(), count, logits.data(), threads_for_tasks{});
      for (std::size_t i = 0; i < logits.size(); ++i)
        REQUIRE(logits[i] == (i < static_cast<std::size_t>(count * p.output_size()) ? expected[i] : 77.f));
    }
}
