// The domains of the main job. Each trains, searches, measures and emits; the exit code.
// Throws: std::exception, one line.
#pragma once
#include "../options.hpp"

namespace domains {

int pictures(options const& o);
int series(options const& o);
int series_targets(options const& o);  // with numbers to predict
int events(options const& o);
int text(options const& o);

}  // namespace domains
