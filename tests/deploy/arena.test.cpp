#include "petra/deploy/arena.hpp"

#include <doctest/doctest.h>

#include "petra/core/random.hpp"

using namespace petra::deploy;
using petra::index_t;

namespace {

std::vector<lifetime> random_buffers(petra::random& r, index_t count, index_t steps, index_t most) {
  std::vector<lifetime> buffers;
  for (index_t i = 0; i < count; ++i) {
    index_t const first = r.index(steps), last = std::min(steps - 1, first + r.index(4));
    buffers.push_back({1 + r.index(most), first, last});
  }
  return buffers;
}

void check_valid(std::vector<lifetime> const& buffers, arena_layout const& l) {
  index_t sum = 0, peak = 0;
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    CHECK(l.offset[i] >= 0);
    CHECK(l.offset[i] % alignment == 0);
    CHECK(l.offset[i] + buffers[i].bytes <= l.bytes);
    sum += aligned(buffers[i].bytes);
    index_t live = 0;
    for (lifetime const& b : buffers)
      live += b.first <= buffers[i].first && buffers[i].first <= b.last ? aligned(b.bytes) : 0;
    peak = std::max(peak, live);
    for (std::size_t j = 0; j < i; ++j) {
      bool const apart = l.offset[i] + buffers[i].bytes <= l.offset[j] || l.offset[j] + buffers[j].bytes <= l.offset[i];
      bool const ok = apart || !buffers[i].meets(buffers[j]);
      CHECK(ok);
    }
  }
  CHECK(l.bytes <= sum);
  CHECK(l.bytes >= peak);
}

// The smallest arena over all orders of first-fit placement, which contains an optimum.
index_t best_of_all_orders(std::vector<lifetime> const& buffers) {
  std::vector<index_t> order(buffers.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<index_t>(i);
  index_t best = 1 << 30;
  do {
    std::vector<index_t> offset(buffers.size(), -1);
    index_t bytes = 0;
    for (index_t const n : order) {
      auto const i = static_cast<std::size_t>(n);
      index_t at = 0;
      for (bool moved = true; moved;) {
        moved = false;
        for (std::size_t j = 0; j < buffers.size(); ++j)
          if (offset[j] >= 0 && buffers[i].meets(buffers[j]) && at < offset[j] + aligned(buffers[j].bytes) &&
              offset[j] < at + aligned(buffers[i].bytes))
            at = offset[j] + aligned(buffers[j].bytes), moved = true;
      }
      offset[i] = at;
      bytes = std::max(bytes, at + aligned(buffers[i].bytes));
    }
    best = std::min(best, bytes);
  } while (std::next_permutation(order.begin(), order.end()));
  return best;
}

}  // namespace

TEST_CASE("place: by hand") {
  CHECK(place({}).bytes == 0);
  std::vector<lifetime> const chain{{100, 0, 1}, {50, 1, 2}, {128, 2, 3}};
  auto const l = place(chain);
  CHECK(l.bytes == 192);  // 128 + 64: the first and the third share
  check_valid(chain, l);
}

TEST_CASE("place: live buffers never overlap, never worse than the sum") {
  petra::random r(11);
  for (int round = 0; round < 300; ++round) {
    auto const buffers = random_buffers(r, 1 + r.index(24), 12, 4096);
    check_valid(buffers, place(buffers));
  }
}

TEST_CASE("place: within 20 % of the optimum on small cases, equal to it in most") {
  petra::random r(12);
  int optimal = 0;
  int const rounds = 200;
  for (int round = 0; round < rounds; ++round) {
    auto const buffers = random_buffers(r, 6, 6, 1024);
    index_t const found = place(buffers).bytes, best = best_of_all_orders(buffers);
    CHECK(found * 5 <= best * 6);
    optimal += found == best;
  }
  CHECK(optimal > rounds * 9 / 10);
}
