// runtime/low_rank_panels.hpp: rows in panels, literal or not.
#include "petra/runtime/low_rank_panels.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace petra::inline PETRA_ABI::rt {

struct panel_shape {
  index_t m = 1, rank = 1;
  [[nodiscard]] constexpr index_t rank_bytes() const noexcept { return 4 * rank; }
};
constexpr index_t low_rank_first(panel_shape const&, index_t rows) { return rows; }
constexpr index_t low_rank_second(panel_shape const& s, index_t rows) { return 1000 * s.rank + rows; }

}  // namespace petra::rt

namespace {

using namespace petra::rt;

static_assert(low_rank_rows(1, 64) == 1);
static_assert(low_rank_rows(64, 256) == 48);
static_assert(low_rank_rows(1000, 1) == 96);
static_assert(low_rank_rows(1000, 100000) == 24);

template <class Shape>
std::vector<index_t> panels(Shape shape) {
  std::vector<index_t> seen;
  for_low_rank_panels(shape, [&](index_t first, index_t second, index_t row) {
    seen.insert(seen.end(), {first, second, row});
  });
  return seen;
}

TEST_CASE("for_low_rank_panels: full panels, then the rest, the same for literals") {
  std::vector<index_t> const want{48, 64048, 0, 48, 64048, 48, 4, 64004, 96};
  CHECK(panels(panel_shape{.m = 100, .rank = 64}) == want);
  CHECK(panels(fixed<panel_shape{.m = 100, .rank = 64}>{}) == want);
  CHECK(panels(fixed<panel_shape{.m = 3, .rank = 64}>{}) == std::vector<index_t>{3, 64003, 0});
}

}  // namespace
