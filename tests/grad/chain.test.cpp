#include "petra/grad/chain.hpp"

#include <doctest/doctest.h>

#include <array>
#include <utility>
#include <vector>

using petra::chain;
using petra::index_t;
using petra::pieces;
using petra::slice;

namespace {

struct seen {
  std::vector<std::array<index_t, 3>>* to;  // what, first, last
  index_t what;
};
void note(void const* closure, slice const& s) {
  auto const& c = *static_cast<seen const*>(closure);
  c.to->push_back({c.what, s.first, s.last});
}

}  // namespace

TEST_CASE("chain: slice by slice, one work after the other, in the order in which they were added") {
  std::vector<std::array<index_t, 3>> all;
  seen const a{&all, 1}, b{&all, 2};
  chain c;
  std::vector<petra::kernel::workspace> scratch(1);
  CHECK(c.empty());
  c.add({12, 8}, 8192, {&a, note});   // four samples of 32 KB are a slice
  c.add({12, 8}, 16384, {&b, note});  // two of 64 KB
  struct sum {
    std::vector<std::array<index_t, 3>>* to;
  } const end{&all};
  c.add_last({&end, [](void const* p) { static_cast<sum const*>(p)->to->push_back({3, 0, 0}); }});
  CHECK(!c.empty());
  c.run({}, scratch);
  std::vector<std::array<index_t, 3>> expected;
  for (index_t first = 0; first < 12; first += 2) {
    expected.push_back({1, first, first + 2});
    expected.push_back({2, first, first + 2});
  }
  expected.push_back({3, 0, 0});
  CHECK(all == expected);
  CHECK(c.empty());
}

TEST_CASE("chain: the first slice of a piece says so, and which piece it is") {
  struct look {
    std::vector<std::pair<index_t, bool>>* to;
  };
  std::vector<std::pair<index_t, bool>> all;
  look const l{&all};
  chain c;
  std::vector<petra::kernel::workspace> scratch(2);
  c.add({20, 8}, 8192,
        {&l, [](void const* p, slice const& s) { static_cast<look const*>(p)->to->emplace_back(s.piece, s.opens); }});
  c.run({2, nullptr,
         [](void const*, index_t n, void const* task, petra::workers::piece_function f) {
           for (index_t i = n; i-- > 0;) f(task, i, static_cast<int>(i % 2));
         }},
        scratch);
  CHECK(all == std::vector<std::pair<index_t, bool>>{{2, true}, {1, true}, {1, false}, {0, true}, {0, false}});
}

TEST_CASE("chain: takes work on the same pieces only") {
  chain c;
  CHECK(c.takes({64, 8}));
  c.add({64, 8}, 1, {nullptr, nullptr});
  CHECK(c.takes({64, 8}));
  CHECK(!c.takes({64, 64}));
  CHECK(!c.takes({65, 8}));
  c.clear();
  CHECK(c.takes({64, 64}));
}

TEST_CASE("chain: eight samples are a piece, or as many eights as have 16,384 numbers") {
  CHECK(petra::pieces_of_values(64, 4096).count() == 8);
  CHECK(petra::pieces_of_values(64, 1024).size == 16);
  CHECK(petra::pieces_of_values(64, 128).count() == 1);
}
