#include "petra/runtime/activation_map.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace petra::rt;

TEST_CASE("activation_map_f32: rows between frames, the frame of the output is zeros") {
  static constexpr map_pair s{{2, 2, 3, 1}, {2, 2, 3, 2}};
  std::vector<float> x(static_cast<std::size_t>(s.in.elements()) + 16, 99.f),
      y(static_cast<std::size_t>(s.out.elements()) + 16, 77.f);
  auto const at = [](feature_map const& m, index_t i, index_t j, index_t c) {
    return static_cast<std::size_t>(m.origin() + i * m.row() + j * m.c + c);
  };
  for (index_t i = 0; i < 2; ++i)
    for (index_t j = 0; j < 2; ++j)
      for (index_t c = 0; c < 3; ++c) x[at(s.in, i, j, c)] = static_cast<float>(c - 1) * 4;
  activation_map_f32(s, activation::leaky_relu{0.25f}, x.data(), y.data());
  float sum = 0;
  for (index_t i = 0; i < s.out.elements(); ++i) sum += y[static_cast<std::size_t>(i)];
  CHECK(sum == 4 * (-1 + 0 + 4));
  CHECK(y[at(s.out, 1, 1, 0)] == -1);
  CHECK(y[at(s.out, 1, 1, 2)] == 4);
  CHECK(y[static_cast<std::size_t>(s.out.elements())] == 77);
  activation_map_f32(fixed<s>{}, activation::relu6{}, x.data(), y.data());
  CHECK(y[at(s.out, 0, 1, 0)] == 0);
  CHECK(y[at(s.out, 0, 1, 2)] == 4);
}

TEST_CASE("lookup_map_s8: the table for each element, the frame is the zero point") {
  static constexpr map_pair s{{1, 3, 2, 0}, {1, 3, 2, 1}};
  std::vector<std::int8_t> table(256), x(6 + 64), y(static_cast<std::size_t>(s.out.elements()) + 64, 55);
  for (int q = -128; q < 128; ++q) table[static_cast<std::size_t>(q + 128)] = static_cast<std::int8_t>(-q - 1);
  for (int i = 0; i < 6; ++i) x[static_cast<std::size_t>(i)] = static_cast<std::int8_t>(i * 25 - 60);
  lookup_map_s8(s, table.data(), 9, x.data(), y.data());
  for (index_t i = 0; i < 6; ++i)
    CHECK(y[static_cast<std::size_t>(s.out.origin() + i)] == -x[static_cast<std::size_t>(i)] - 1);
  CHECK(y[0] == 9);
  CHECK(y[static_cast<std::size_t>(s.out.elements() - 1)] == 9);
  CHECK(y[static_cast<std::size_t>(s.out.elements())] == 55);
}
