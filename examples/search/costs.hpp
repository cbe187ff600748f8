// The cost table of a run: read from a file, or measured and written.
#pragma once
#include <span>
#include <string>

#include "petra/deploy/cost_table.hpp"

namespace job {

// file: --costs, or its default. open: the uncompressed model, in float and in int8; every call that compressed forms of these
// can make is covered, and those of `others`: programs of other forms.
// Throws: io_error for a file that is malformed or lacks a call.
petra::deploy::cost_table costs(std::string const& file, std::span<petra::deploy::program const> open,
                                std::span<petra::deploy::program const> others);

}  // namespace job
