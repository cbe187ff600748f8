// runtime/load_input_f32.hpp: into the frame, the frame is zero, nothing behind the input is read.
#include <doctest/doctest.h>

#include <vector>

#include "petra/runtime/load_input_f32.hpp"

namespace {

using namespace petra;

TEST_CASE("load_input_f32: the frame is zero") {
  constexpr rt::feature_map m{2, 2, 1, 1};
  float const x[] = {1, 2, 3, 4};
  float y[m.elements()];
  rt::load_input_f32(rt::fixed<m>{}, x, y);
  float const want[] = {0, 0, 0, 0, 0, 1, 2, 0, 0, 3, 4, 0, 0, 0, 0, 0};
  for (int i = 0; i < 16; ++i) CHECK(y[i] == want[i]);
}

TEST_CASE("load_input_f32: every shape") {
  for (rt::index_t w = 1; w <= 9; ++w)
    for (rt::index_t c = 1; c <= 5; ++c)
      for (rt::index_t halo = 0; halo <= 2; ++halo) {
        rt::feature_map const m{3, w, c, halo};
        std::vector<float> x, y(static_cast<std::size_t>(m.elements() + 1), 77.f);
        for (rt::index_t i = 0; i < m.pixels() * c; ++i) x.push_back(static_cast<float>(i + 1));
        rt::load_input_f32(m, x.data(), y.data());
        float next = 1;
        rt::index_t wrong = y.back() != 77.f;
        for (rt::index_t i = -halo; i < m.h + halo; ++i)
          for (rt::index_t j = -halo * c; j < (w + halo) * c; ++j) {
            bool const inside = i >= 0 && i < m.h && j >= 0 && j < w * c;
            wrong += y[static_cast<std::size_t>(m.origin() + i * m.row() + j)] != (inside ? next : 0.f);
            next += inside ? 1.f : 0.f;
          }
        REQUIRE(wrong == 0);
      }
}

}  // namespace
