#include "petra/deploy/prelude.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

using namespace petra::deploy;

TEST_CASE("prelude: pieces that every compiler takes, nothing of petra left to include") {
  std::string all;
  for (std::string_view const piece : prelude) {
    CHECK(piece.size() < 64000);
    all += piece;
  }
  CHECK(all.find("#include \"") == all.npos);
  CHECK(all.find("namespace petra::") == all.npos);
  CHECK(all.find("#pragma once") == all.npos);
  CHECK(all.find("conv2d_s8") != all.npos);
  std::string const hash(prelude_hash);
  CHECK(hash.size() == 8);
  CHECK(all.find("namespace petra_" + hash + "::inline PETRA_" + hash + "_ABI::rt {") != all.npos);
}

// The file is generated; a change of the runtime that did not reach it would ship old kernels.
TEST_CASE("prelude: not stale") {
  char const* const include = std::getenv("PETRA_INCLUDE_DIR");
  if (!include || std::system("cmake --version > /dev/null 2>&1") != 0) {
    MESSAGE("skipped: PETRA_INCLUDE_DIR is unset or cmake is missing");
    return;
  }
  CHECK(std::system(
            ("cmake -DCHECK=ON -P '" + std::string(include) + "/../cmake/prelude.cmake' > /dev/null").c_str()) == 0);
}
