#include "petra/core/version.hpp"

#include <doctest/doctest.h>

#include <string>

static_assert(petra::version_major * 10000 + petra::version_minor * 100 + petra::version_patch == PETRA_VERSION);
static_assert(petra::version_major < 10 && petra::version_minor < 10 && petra::version_patch < 10);  // one digit each

TEST_CASE("version: the text is made of the three numbers") {
  CHECK(std::string(petra::version) == std::to_string(petra::version_major) + '.' +
                                           std::to_string(petra::version_minor) + '.' +
                                           std::to_string(petra::version_patch));
}
