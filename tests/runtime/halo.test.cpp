// runtime/halo.hpp: the frame is filled, and nothing else.
#include <doctest/doctest.h>

#include <vector>

#include "petra/runtime/halo.hpp"

namespace {

using petra::rt::feature_map;
using petra::rt::index_t;

TEST_CASE("fill: every length") {
  for (index_t n = 0; n <= 300; ++n) {
    std::vector<std::int8_t> y(static_cast<std::size_t>(n + 32), std::int8_t{1});
    petra::rt::fill(y.data() + 16, n, std::int8_t{-9});
    index_t wrong = 0;
    for (index_t i = 0; i < n + 32; ++i) wrong += y[static_cast<std::size_t>(i)] != (i >= 16 && i < n + 16 ? -9 : 1);
    CAPTURE(n);
    REQUIRE(wrong == 0);
  }
}

template <class T, class Fill>
void check(Fill fill, T value) {
  for (index_t h = 1; h <= 3; ++h)
    for (index_t w = 1; w <= 4; ++w)
      for (index_t const c : {1, 2, 5, 16, 21, 64})
        for (index_t frame = 0; frame < 9; ++frame) {
          index_t const halo = frame % 3, halo_h = frame / 3;
          feature_map const m{h, w, c, halo, halo_h};
          std::vector<T> y(static_cast<std::size_t>(m.elements() + 64), T{1});
          fill(m, y.data());
          index_t wrong = 0;
          for (index_t i = -halo_h; i < h + halo_h; ++i)
            for (index_t j = -halo; j < w + halo; ++j)
              for (index_t k = 0; k < c; ++k) {
                bool const inside = i >= 0 && i < h && j >= 0 && j < w;
                wrong += y[static_cast<std::size_t>(m.origin() + i * m.row() + j * c + k)] != (inside ? T{1} : value);
              }
          for (index_t i = m.elements(); i < m.elements() + 64; ++i) wrong += y[static_cast<std::size_t>(i)] != T{1};
          REQUIRE(wrong == 0);
        }
}

TEST_CASE("fill_halo: the frame and nothing else") {
  check<std::int8_t>([](feature_map const& m, std::int8_t* y) { petra::rt::fill_halo(m, y, std::int8_t{9}); },
                     std::int8_t{9});
  check<float>([](feature_map const& m, float* y) { petra::rt::fill_halo(m, y); }, 0.f);
}

}  // namespace
