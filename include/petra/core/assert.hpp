// Preconditions of kernels and containers: `expects(n > 0, "gemm: n must be positive")`.
//
// Tested when PETRA_CHECKED is 1 (Debug builds and the tests), free otherwise. A violation is a bug in the caller, so the
// handler must not return; the default prints where and what, then aborts. Wrong settings, shapes and files are not bugs:
// they throw (core/error.hpp) and are always checked.
#pragma once
#include <cstdio>
#include <cstdlib>
#include <source_location>

#include "petra/core/config.hpp"

namespace petra::inline PETRA_ABI {

using violation_handler = void (*)(char const* what, std::source_location where);

[[noreturn]] inline void abort_on_violation(char const* what, std::source_location where) {
  std::fprintf(stderr, "petra: precondition violated: %s\n  at %s:%u in %s\n", what, where.file_name(),
               static_cast<unsigned>(where.line()), where.function_name());
  std::abort();
}

// The handler in force. Tests replace it to observe a violation; set it before threads start.
inline violation_handler on_violation = &abort_on_violation;

constexpr void expects([[maybe_unused]] bool holds, [[maybe_unused]] char const* what,
                       [[maybe_unused]] std::source_location where = std::source_location::current()) {
#if PETRA_CHECKED
  if (!holds) on_violation(what, where);
#endif
}

}  // namespace petra
