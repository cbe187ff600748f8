// runtime/dense_s8_f32.hpp bit by bit against the specification.
#include <doctest/doctest.h>

#include <vector>

#include "petra/core/random.hpp"
#include "petra/kernel/reference/dense_s8.hpp"
#include "petra/runtime/dense_s8_f32.hpp"

namespace {

using namespace petra;
using rt::conv_shape;

template <class Shape>
bool agrees(Shape shape, std::int32_t in_zero, bool extreme = false) {
  conv_shape const s = shape;
  petra::random r(key(5, s.in.c, s.out.c, s.in.h));
  index_t const c = s.in.pixels() * s.in.c;
  std::vector<std::int8_t> x(static_cast<std::size_t>(c)), w(static_cast<std::size_t>(c * s.out.c));
  for (auto& e : x) e = static_cast<std::int8_t>(extreme ? 127 : r.index(256) - 128);
  for (auto& e : w) e = static_cast<std::int8_t>(extreme ? -127 : r.index(255) - 127);
  auto const outs = static_cast<std::size_t>(s.out.c);
  std::vector<std::int32_t> bias(outs), folded(outs);
  std::vector<float> scale(outs), want(outs), y(outs + 16, -7.f);
  for (std::size_t o = 0; o < outs; ++o) {
    bias[o] = static_cast<std::int32_t>(r.index(200001)) - 100000;
    scale[o] = r.uniform(1e-5f, 1e-3f);
  }
  kernel::dense_s8_f32(kernel::scalar_tag{}, {.c = c, .o = s.out.c, .in_zero = in_zero}, x.data(), w.data(),
                       bias.data(), scale.data(), want.data());
  std::vector<std::int8_t> framed(static_cast<std::size_t>(s.in.elements() + 64), std::int8_t{99});
  for (index_t i = 0; i < s.in.h; ++i)
    for (index_t j = 0; j < s.in.w * s.in.c; ++j)
      framed[static_cast<std::size_t>(s.in.origin() + i * s.in.row() + j)] =
          x[static_cast<std::size_t>(i * s.in.w * s.in.c + j)];
  std::vector<std::int8_t> packed(static_cast<std::size_t>(rt::packed_size(s)));
  rt::pack(s, w.data(), packed.data());
  rt::fold_bias(s, w.data(), bias.data(), in_zero, folded.data());
  rt::dense_s8_f32(shape, framed.data(), packed.data(), folded.data(), scale.data(), y.data());
  for (std::size_t o = 0; o < outs; ++o)
    if (y[o] != want[o]) return false;
  for (std::size_t o = outs; o < outs + 16; ++o)
    if (y[o] != -7.f) return false;
  return true;
}

conv_shape dense(index_t h, index_t w, index_t c, index_t o, index_t halo) {
  return {.in = {h, w, c, halo}, .out = {1, 1, o, 0}, .kernel_h = h, .kernel_w = w};
}

TEST_CASE("dense_s8_f32: vectors and whole maps") {
  for (index_t const c : {1, 3, 4, 17, 64})
    for (index_t const o : {1, 2, 10, 16, 17, 40, 64, 100})
      for (index_t const size : {1, 3})
        for (index_t const halo : {0, 1}) {
          CAPTURE(c);
          CAPTURE(o);
          REQUIRE(agrees(dense(size, size + 1, c, o, halo), -11));
        }
}

TEST_CASE("dense_s8_f32: accumulators beyond 2^24 round once, as a float conversion does") {
  REQUIRE(agrees(dense(8, 8, 64, 12, 0), -128, true));
  REQUIRE(agrees(dense(8, 8, 64, 12, 0), 127));
}

TEST_CASE("dense_s8_f32: literal extents") {
  REQUIRE(agrees(rt::fixed<conv_shape{.in = {1, 1, 64, 0}, .out = {1, 1, 10, 0}}>{}, 4));
  REQUIRE(agrees(rt::fixed<conv_shape{.in = {4, 4, 20, 1}, .out = {1, 1, 10, 0}, .kernel_h = 4, .kernel_w = 4}>{}, 4));
}

}  // namespace
