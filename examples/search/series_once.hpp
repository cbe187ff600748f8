// What both kinds of series need and neither has of its own: readers, joined channels. Compiled in series_once.cpp.
#pragma once
#include "petra/data/series_folder.hpp"
#include "petra/data/synthetic_series.hpp"
#include "petra/deploy/ops/concat.hpp"

#if !defined(SERIES_ONCE)
#define SERIES_ONCE extern template
#endif

namespace petra::data {

SERIES_ONCE series_folder load_series<void>(std::string const&);
SERIES_ONCE target_series_folder load_target_series<void>(std::string const&);
SERIES_ONCE bool series_have_targets<void>(std::string const&);
SERIES_ONCE labeled_sequences synthetic_series<void>(synthetic_series_settings const&);

}  // namespace petra::data

namespace petra::deploy {

// InceptionTime joins two branches and three.
SERIES_ONCE class concat_op<2>;
SERIES_ONCE class concat_op<3>;

}  // namespace petra::deploy
