#include <cstdio>
#include <cstring>

#include "unit.hpp"

static int failures = 0;

static void check(bool holds, char const* what) {
  if (holds) return;
  std::fprintf(stderr, "odr: %s\n", what);
  ++failures;
}

int main() {
  unit const a = first();
  unit const b = second();
  check(std::strcmp(a.abi, b.abi) == 0, "equal flags give one inline namespace");
  check(a.on_violation == b.on_violation, "equal flags share one inline variable");
  check(a.sum == 21.f && b.sum == 21.f, "both units compute 1 + ... + 6 = 21");
#if defined(WITH_PLAIN)
  unit const c = plain();
  bool const same_flags = std::strcmp(a.abi, c.abi) == 0;
  check((a.on_violation == c.on_violation) == same_flags, "other flags: an inline variable of its own");
  check(c.sum == 21.f, "the plain unit computes 21 as well");
  std::printf("%s beside %s\n", a.abi, c.abi);
#endif
  return failures == 0 ? 0 : 1;
}
