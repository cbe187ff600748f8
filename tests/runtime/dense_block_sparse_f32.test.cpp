// runtime/dense_block_sparse_f32.hpp against the specification; all operands end at a protected page.
#include "petra/runtime/dense_block_sparse_f32.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "dense_operands.hpp"
#include "petra/kernel/reference/dense_block_sparse.hpp"

namespace {

using namespace petra;
using rt::block_sparse_f32_shape;

constexpr index_t most = 1 << 16;

struct layer {
  operands::ending<float> x{most}, w{most}, bias{most}, y{most};
  operands::ending<std::uint16_t> index{most};

  template <class Shape>
  bool agrees(Shape shape, int percent, std::uint64_t seed = 1) {
    block_sparse_f32_shape const s = shape;
    petra::random r(key(seed, s.m, s.c, s.o));
    kernel::dense_block_sparse_dims d{.m = s.m, .c = s.c, .o = s.o, .relu = s.relu};
    index_t const blocks = (s.o + 15) / 16 * ((s.c + 3) / 4);
    auto const keep = std::make_unique<bool[]>(static_cast<std::size_t>(blocks));
    for (index_t i = 0; i < blocks; ++i) keep[static_cast<std::size_t>(i)] = r.index(100) < percent;
    std::vector<float> plain(static_cast<std::size_t>(s.o * s.c)), cut(plain.size()), size_of_terms;
    float* const px = x.take(s.m * s.c);
    operands::fill(r, px, s.m * s.c);
    operands::fill(r, plain.data(), s.o * s.c);
    operands::fill(r, bias.take(s.o), s.o);
    for (index_t o = 0; o < s.o; ++o)
      for (index_t i = 0; i < s.c; ++i) {
        auto const at = static_cast<std::size_t>(o * s.c + i);
        cut[at] = d.kept(keep.get(), o, i) ? plain[at] : 0.f;
      }
    auto const outs = static_cast<std::size_t>(s.m * s.o);
    std::vector<float> want(outs), terms(outs);
    kernel::dense_block_sparse_f32(kernel::scalar_tag{}, d, px, plain.data(), keep.get(), bias.take(s.o), want.data());
    auto const size = rt::packed_size(s, cut.data());
    rt::pack(s, cut.data(), w.take(size.weights), index.take(size.index));
    float* const py = y.take(s.m * s.o + 16);
    std::fill_n(py, s.m * s.o + 16, -7.f);
    rt::dense_block_sparse_f32(shape, px, w.take(size.weights), index.take(size.index), bias.take(s.o), py + 16);
    // The sum of the absolute values of the terms bounds the error of every order of summation.
    for (float& v : plain) v = std::fabs(v);
    for (index_t i = 0; i < s.m * s.c; ++i) px[i] = std::fabs(px[i]);
    d.relu = false;
    std::vector<float> const ones(static_cast<std::size_t>(s.o), 1.f);
    kernel::dense_block_sparse_f32(kernel::scalar_tag{}, d, px, plain.data(), keep.get(), ones.data(), terms.data());
    float const eps = std::numeric_limits<float>::epsilon() * static_cast<float>(s.c + 1);
    for (std::size_t i = 0; i < outs; ++i)
      if (!(std::fabs(py[16 + i] - want[i]) <= eps * terms[i])) return false;
    return std::all_of(py, py + 16, [](float v) { return v == -7.f; });
  }
};

TEST_CASE("dense_block_sparse_f32: rows x inputs x outputs x shares") {
  layer l;
  for (index_t const c : operands::lengths(16))
    for (index_t const o : operands::lengths(16))
      for (index_t const m : {1, 2, 3, 4, 7, 8, 9})
        for (int const percent : {0, 10, 25, 100}) {
          CAPTURE(c);
          CAPTURE(o);
          CAPTURE(m);
          CAPTURE(percent);
          REQUIRE(l.agrees(block_sparse_f32_shape{.m = m, .c = c, .o = o, .relu = m % 2 == 0}, percent));
        }
}

TEST_CASE("dense_block_sparse_f32: literal extents") {
  layer l;
  REQUIRE(l.agrees(rt::fixed<block_sparse_f32_shape{.m = 1, .c = 128, .o = 64}>{}, 25));
  REQUIRE(l.agrees(rt::fixed<block_sparse_f32_shape{.m = 11, .c = 95, .o = 50, .relu = true}>{}, 25));
}

TEST_CASE("dense_block_sparse_f32: inputs of blocks that are not there are not read") {
  layer l;
  constexpr block_sparse_f32_shape s{.m = 2, .c = 12, .o = 16};
  std::vector<float> w(static_cast<std::size_t>(s.o * s.c));
  for (index_t o = 0; o < s.o; ++o) w[static_cast<std::size_t>(o * s.c + 5)] = 1.f;
  auto const size = rt::packed_size(s, w.data());
  rt::pack(s, w.data(), l.w.take(size.weights), l.index.take(size.index));
  float* const x = l.x.take(s.m * s.c);
  std::fill_n(x, s.m * s.c, std::numeric_limits<float>::infinity());
  for (index_t i = 4; i < 8; ++i) x[i] = x[s.c + i] = static_cast<float>(i);
  std::fill_n(l.bias.take(s.o), s.o, 0.f);
  rt::dense_block_sparse_f32(s, x, l.w.take(size.weights), l.index.take(size.index), l.bias.take(s.o),
                             l.y.take(s.m * s.o));
  for (index_t i = 0; i < s.m * s.o; ++i) CHECK(l.y.take(s.m * s.o)[i] == 5.f);
}

TEST_CASE("dense_block_sparse_f32: random shapes") {
  layer l;
  petra::random r(37);
  for (std::uint64_t i = 0; i < 10000; ++i) {
    block_sparse_f32_shape const s{
        .m = 1 + r.index(r.index(4) == 0 ? 9 : 2), .c = 1 + r.index(40), .o = 1 + r.index(40), .relu = r.index(2) == 0};
    CAPTURE(i);
    REQUIRE(l.agrees(s, static_cast<int>(r.index(101)), i));
  }
}

}  // namespace
