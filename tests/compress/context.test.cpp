#include "petra/compress/context.hpp"

#include <doctest/doctest.h>

#include <set>

TEST_CASE("context: the random numbers of a stage are a function of seed and position") {
  petra::context<petra::data::picture_set> c;
  std::set<std::uint64_t> keys;
  for (c.seed = 1; c.seed < 4; ++c.seed)
    for (c.position = 0; c.position < 4; ++c.position) keys.insert(c.stage_key());
  CHECK(keys.size() == 12);
  auto d = c;
  petra::data::picture_set const set;
  d.train = &set;
  d.dry = true;
  CHECK(d.stage_key() == c.stage_key());
}
