// Lowers nn::branch: maps side by side as channels of one, in integers each brought to the grid of the result.
#pragma once
#include <array>
#include <utility>

#include "petra/deploy/call_of.hpp"
#include "petra/deploy/lower.hpp"
#include "petra/deploy/own_op.hpp"
#include "petra/kernel/reference/quantize_s8.hpp"
#include "petra/nn/branch.hpp"
#include "petra/runtime/concat_s8.hpp"

namespace petra::inline PETRA_ABI::deploy {

inline constexpr std::size_t most_parts = 9;

// shape_name of so many parts.
template <std::size_t Parts>
struct part_count {
  static_assert(Parts >= 1 && Parts <= most_parts, "petra: the device puts at most nine branches side by side");
  char text[20] = {};
  constexpr part_count(char const* name) {
    char* end = text;
    for (; *name != 0; ++name) *end++ = *name;
    *end++ = '<', *end++ = static_cast<char>('0' + Parts), *end = '>';
  }
};

template <std::size_t Parts>
struct concat_f32_kernel {
  using shape = rt::concat_f32_shape<static_cast<int>(Parts)>;
  static constexpr part_count<Parts> full_name{"concat_f32_shape"};
  static constexpr char const *name = "concat_f32", *shape_name = full_name.text;
  static constexpr bool is_integer = false;
  template <class F>
  static void extents(shape const& s, F f) {
    f(s.out, s.in);
  }
  template <class... A>
  static void call(A const&... a) noexcept {
    rt::concat_f32(a...);
  }
};
template <std::size_t Parts>
struct concat_s8_kernel {
  using shape = rt::concat_s8_shape<static_cast<int>(Parts)>;
  static constexpr part_count<Parts> full_name{"concat_s8_shape"};
  static constexpr char const *name = "concat_s8", *shape_name = full_name.text;
  static constexpr bool is_integer = true;
  template <class F>
  static void extents(shape const& s, F f) {
    f(s.out, s.out_zero, s.in, s.zero, s.scale);
  }
  template <class F>
  static void timed(shape const& s, F f) {
    f(s.out, s.in);
  }
  template <class... A>
  static void call(A const&... a) noexcept {
    rt::concat_s8(a...);
  }
};

template <std::size_t Parts>
class concat_op final : public own_op {
 public:
  [[nodiscard]] char const* name() const noexcept override { return "concat"; }
  [[nodiscard]] bool knows_frames() const noexcept override { return true; }
  [[nodiscard]] bool joins_channels() const noexcept override { return true; }
  [[gnu::cold]] void assemble(step& s, node const& n, own_places const& at) const override {
    auto const call = [&]<class Kernel, class T>(Kernel, typename Kernel::shape const& shape, memory<T> to) {
      [&]<std::size_t... I>(std::index_sequence<I...>) {
        s.own = call_of<Kernel>(shape, 0, n.out.count(), to, memory<T>{at.read[I]}...);
      }
      (std::make_index_sequence<Parts>{});
    };
    if (n.out_grid) {
      typename concat_s8_kernel<Parts>::shape shape{at.out, n.out_grid->zero};
      for (std::size_t k = 0; k < Parts; ++k)
        shape.in[k] = at.in[k], shape.zero[k] = n.reads[k]->zero, shape.scale[k] = factor(n, k);
      call(concat_s8_kernel<Parts>{}, shape, memory<std::int8_t>{at.written});
    } else {
      typename concat_f32_kernel<Parts>::shape shape{at.out};
      for (std::size_t k = 0; k < Parts; ++k) shape.in[k] = at.in[k];
      call(concat_f32_kernel<Parts>{}, shape, memory<float>{at.written});
    }
  }
  void reference(node const& n, std::span<reference_value const* const> in, std::span<map_shape const> shapes,
                 reference_value& out) const override {
    index_t first = 0;
    for (std::size_t k = 0; k < Parts; first += shapes[k++].c) {
      if (n.out_grid) {
        std::vector<std::int8_t> part(in[k]->q.size());
        rt::requant const f = factor(n, k);
        kernel::requantize_s8_grids const grids{n.reads[k]->zero, f.multiplier, f.shift, n.out_grid->zero, -128, 127};
        kernel::requantize_s8(kernel::scalar_tag{}, shapes[k].count(), grids, in[k]->q.data(), part.data());
        place(part, shapes[k].c, n.out.c, first, out.q);
      } else {
        place(in[k]->f, shapes[k].c, n.out.c, first, out.f);
      }
    }
  }

 private:
  static rt::requant factor(node const& n, std::size_t k) {
    return rt::quantize_multiplier(static_cast<double>(n.reads[k]->scale) / static_cast<double>(n.out_grid->scale));
  }
  // to (...,all) [first, first + c) <- from (...,c)
  template <class T>
  static void place(std::vector<T> const& from, index_t c, index_t all, index_t first, std::vector<T>& to) {
    for (index_t i = 0; i < static_cast<index_t>(from.size()); ++i)
      to[static_cast<std::size_t>(i / c * all + first + i % c)] = from[static_cast<std::size_t>(i)];
  }
};

// The values of the branches, each read on the grid of its point. Throws: shape_error when their heights or widths differ.
template <std::size_t Parts, class Point>
[[gnu::cold]] builder::value join_channels(builder& b, std::array<builder::value, Parts> const& parts,
                                           std::array<Point, Parts> const& outs) {
  map_shape out = b.shape_of(parts[0]);
  std::vector<std::optional<grid>> reads{builder::grid_of(outs[0].grid)};
  for (std::size_t k = 1; k < Parts; ++k) {
    map_shape const part = b.shape_of(parts[k]);
    if (part.h != out.h || part.w != out.w)
      throw_error<shape_error>({b.place(), ": expected branches of one height and width, found ",
                                text(b.shape_of(parts[0])), " and ", text(part)});
    out.c += part.c;
    reads.push_back(builder::grid_of(outs[k].grid));
  }
  return b.own(concat_op<Parts>{}, {parts.begin(), parts.end()}, std::move(reads), out);
}

}  // namespace petra::deploy
