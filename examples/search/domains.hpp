// The domains of the main job. Each trains, searches, measures and emits; the exit code.
// Null where the program was built without: PETRA_SEARCH_TASKS (examples/CMakeLists.txt) says which it has, as each takes
// half a minute to compile. Throws: std::exception, one line.
#pragma once
#include "../options.hpp"

namespace domains {

[[gnu::weak]] int pictures(options const& o);
[[gnu::weak]] int series(options const& o);
[[gnu::weak]] int series_targets(options const& o);  // with numbers to predict
[[gnu::weak]] int events(options const& o);
[[gnu::weak]] int text(options const& o);

}  // namespace domains
