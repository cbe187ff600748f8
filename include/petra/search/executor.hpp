// Who runs the candidates of one generation.
//
// `for_each(n, f)` calls f(i) once for every i in [0, n) and returns when all are done. Calls start in the order of
// i, so when a stop flag makes late calls return at once, those that did work are the first ones. f is noexcept: what
// goes wrong inside is a value, never an exception through somebody else's scheduler.
#pragma once
#include <concepts>
#include <type_traits>

#include "petra/core/extents.hpp"

namespace petra::inline PETRA_ABI::search {

template <class F>
concept task = std::is_nothrow_invocable_v<F const&, index_t>;

template <class E>
concept executor = requires(E const& e, index_t n, void (*f)(index_t) noexcept) {
  e.for_each(n, f);
  { e.threads() } -> std::convertible_to<int>;
};

// In the calling thread, one after the other.
struct serial_executor {
  template <task F>
  void for_each(index_t n, F const& f) const noexcept {
    for (index_t i = 0; i < n; ++i) f(i);
  }
  [[nodiscard]] static constexpr int threads() noexcept { return 1; }
};

static_assert(executor<serial_executor>);

}  // namespace petra::search
