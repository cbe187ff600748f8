// What petra throws. Every message says what was expected, what was found, where, and what to do.
#pragma once
#include <initializer_list>
#include <stdexcept>
#include <string>

#include "petra/core/config.hpp"
#include "petra/core/text.hpp"

namespace petra::inline PETRA_ABI {

// Root of everything petra throws on purpose.
struct error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// A setting outside its range: `prune::channels: ratio must lie in (0, 1), found 1.5`.
struct setting_error : error {
  using error::error;
};

// Tensors or layers that do not fit: `dense<64, 10>: expected 64 input features, found 32`.
struct shape_error : error {
  using error::error;
};

// A file that is missing, truncated or not what it says: names the file and the offset.
struct io_error : error {
  using error::error;
};

// A stage that could not do what it was asked for; the model before it is unchanged.
struct stage_error : error {
  using error::error;
};

// Training that cannot go on (loss is NaN or infinite).
struct training_error : error {
  using error::error;
};

// Work that was told to stop (Ctrl-C or the end of a budget) before it had a result.
struct stopped : error {
  using error::error;
};

// Throws an E whose message is made of pieces. Out of line: in place, a throw is ten times the code of this call.
template <class E>
[[noreturn, gnu::cold, gnu::noinline]] void throw_error(std::initializer_list<piece> message) {
  throw E(concat(message));
}

}  // namespace petra
