#include "petra/grad/arena.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>
#include <vector>

TEST_CASE("arena: apart, aligned to a cache line, and after a reset the same addresses again") {
  petra::arena a;
  auto const round = [&] {
    std::vector<std::byte*> at;
    for (std::size_t n : {1u, 64u, 65u, 3u << 20, 6u << 20, 20u << 20, 5u}) {
      at.push_back(static_cast<std::byte*>(a.take(n)));
      std::memset(at.back(), static_cast<int>(at.size()), n);
      CHECK(reinterpret_cast<std::uintptr_t>(at.back()) % 64 == 0);
    }
    for (std::size_t i = 0; i < at.size(); ++i) CHECK(static_cast<std::size_t>(*at[i]) == i + 1);
    return at;
  };
  auto const first = round();
  a.reset();
  CHECK(round() == first);
}

TEST_CASE("arena: a free buffer is of exactly the size, the last one put") {
  int a[3]{}, b[3]{}, c[2]{};
  petra::free_buffers<int> free, held;
  free.put(a, 3);
  free.put(c, 2);
  held.put(b, 3);
  free.put_all(held);
  CHECK(free.take(4) == nullptr);
  CHECK(free.take(3) == b);
  CHECK(free.take(3) == a);
  CHECK(free.take(3) == nullptr);
  CHECK(free.take(2) == c);
  CHECK(held.take(3) == nullptr);
}
