// How long the sequences of a batch are, read off their padding: a step whose numbers are all zero, behind which all are zero,
// is padding. Keras calls it Masking; here only the end counts, zeros in between are steps like others.
#pragma once
#include <cstdint>

#include "petra/grad/tape.hpp"

namespace petra::inline PETRA_ABI::ops {

// Sets the lengths of x (N,L,C), which stays itself; lengths that it has already are kept.
// Throws: shape_error when x is no (N,L,C).
template <scalar T>
void mask_zeros(tape<T>& t, var x) {
  petra::shape const& s = t.shape(x);
  if (s.rank != 3) throw_error<shape_error>({"mask_zeros: expected sequences (N,L,C), found ", s.rank, " axes"});
  if (t.length(x) != nullptr) return;
  auto* const length = t.template take<std::int32_t>(s[0]);
  T const* const v = t.value(x);
  for (index_t n = 0; n < s[0]; ++n) {
    T const* const sample = v + n * s[1] * s[2];
    index_t used = s[1] * s[2];
    while (used > 0 && sample[used - 1] == T(0)) --used;
    length[n] = static_cast<std::int32_t>((used + s[2] - 1) / s[2]);
  }
  t.set_length(x, length);
}

}  // namespace petra::ops
