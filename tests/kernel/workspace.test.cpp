#include "petra/kernel/workspace.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <utility>

using petra::index_t;
using petra::kernel::workspace;

namespace {

bool aligned(void const* p) { return reinterpret_cast<std::uintptr_t>(p) % 64 == 0; }

}  // namespace

TEST_CASE("workspace: what is taken is aligned, writable and keeps its place while the stack grows") {
  workspace w;
  workspace::scope const all(w);
  auto* const a = w.take<float>(100);
  for (int i = 0; i < 100; ++i) a[i] = static_cast<float>(i);
  auto* const b = w.take<double>(100000);
  for (int i = 0; i < 100000; ++i) b[i] = -1;
  auto* const c = w.take<std::int8_t>(1);
  *c = 7;
  CHECK(aligned(a));
  CHECK(aligned(b));
  CHECK(aligned(c));
  for (int i = 0; i < 100; ++i) REQUIRE(a[i] == static_cast<float>(i));
}

TEST_CASE("workspace: the end of a scope gives back what was taken in it") {
  workspace w;
  workspace::scope const outer(w);
  auto* const kept = w.take<float>(16);
  *kept = 3;
  float* first = nullptr;
  {
    workspace::scope const inner(w);
    first = w.take<float>(16);
  }
  {
    workspace::scope const inner(w);
    CHECK(w.take<float>(16) == first);
    CHECK(w.take<float>(1 << 20) != nullptr);  // another block
  }
  CHECK(w.take<float>(16) == first);
  CHECK(*kept == 3.f);
}

TEST_CASE("workspace: a second round of the same calls allocates nothing") {
  workspace w;
  auto const round = [&](index_t scale) {
    workspace::scope const outer(w);
    (void)w.take<float>(10 * scale);
    for (index_t i = 0; i < 3; ++i) {
      workspace::scope const inner(w);
      (void)w.take<float>(100 * scale * (i + 1));
      (void)w.take<float>(1000 * scale);
    }
  };
  round(1);
  round(10);
  round(10);
  index_t const held = w.size_bytes();
  for (int i = 0; i < 5; ++i) round(10);
  CHECK(w.size_bytes() == held);
}

TEST_CASE("workspace: moved-from holds nothing, nothing taken is nothing held") {
  workspace a;
  CHECK(a.size_bytes() == 0);
  {
    workspace::scope const s(a);
    (void)a.take<float>(1000);
  }
  index_t const held = a.size_bytes();
  CHECK(held >= 4000);
  workspace b(std::move(a));
  CHECK(b.size_bytes() == held);
  workspace c;
  c = std::move(b);
  CHECK(c.size_bytes() == held);
}

static_assert([] {
  workspace w;  // a reference kernel can be evaluated by the compiler
  return w.size_bytes() == 0;
}());
