#include "petra/data/event_rows.hpp"

#include <doctest/doctest.h>

#include "petra/core/random.hpp"

using namespace petra::data;
using petra::index_t;

TEST_CASE("event_rows: in the order of client and time, of equal times in the order of the file") {
  petra::random r(1);
  detail::event_rows rows;
  for (int e = 0; e < 500; ++e) {
    rows.client.push_back(static_cast<std::int32_t>(r.index(7)));
    if (rows.client.back() == 3) rows.client.back() = 4;  // client 3 has none
    rows.time.push_back(static_cast<double>(r.index(20)));
  }
  std::vector<index_t> first(8);
  auto const order = detail::events_by_client(rows, first);
  REQUIRE(order.size() == 500);
  CHECK(first.back() == 500);
  CHECK(first[3] == first[4]);
  std::vector<char> seen(500);
  index_t wrong = 0;
  for (std::size_t c = 0; c < 7; ++c)
    for (index_t at = first[c]; at < first[c + 1]; ++at) {
      auto const e = static_cast<std::size_t>(order[static_cast<std::size_t>(at)]);
      wrong += seen[e] != 0 || rows.client[e] != static_cast<std::int32_t>(c);
      seen[e] = 1;
      if (at == first[c]) continue;
      auto const before = static_cast<std::size_t>(order[static_cast<std::size_t>(at) - 1]);
      wrong += rows.time[before] > rows.time[e] || (rows.time[before] == rows.time[e] && before > e);
    }
  CHECK(wrong == 0);
}
