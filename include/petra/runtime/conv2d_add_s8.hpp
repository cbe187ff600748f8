// int8 convolution and the addition that follows it, in one pass over the pixels; fills the frame of its output.
//
// y (OH,OW,O) = add_s8(conv2d_s8(x), r)    x (H,W,C), r (OH,OW,O), w packed (runtime/pack.hpp)
//
// The fields of conv_shape say what the convolution alone would store (its zero point and bounds), the others the
// addition, as add_shape does. What the convolution stores is 4 KB of scratch on the stack, over and over, and the
// output may take the place of the other map. So it costs what the two calls do, without a map between them. Adding the
// sums while they are in registers took 3 to 6 % longer than the two calls (one core, AVX-512 VNNI): every tile paid for
// two more bounds.
//
// Source: TensorFlow Lite int8 specification, CONV_2D and ADD. Bit-exact to runtime/conv2d_s8.hpp followed by
// runtime/add_s8.hpp, and to kernel/reference/conv2d_add_s8.hpp. Deterministic.
// Pre: those of conv_shape and fold_bias; groups = 1; r has the output's h, w, c, its frame may differ. y may be r where
// both have the same frame; else it overlaps nothing.
#pragma once
#include "petra/runtime/add_s8.hpp"
#include "petra/runtime/conv2d_s8.hpp"

namespace petra::inline PETRA_ABI::rt {

struct conv_add_shape : conv_shape {
  feature_map added{};  // r
  std::int32_t added_zero = 0, left_shift = 20;
  requant own_scale{}, added_scale{}, sum_scale{};
  std::int32_t sum_zero = 0, sum_min = -128, sum_max = 127;
  linear_sum linear{};  // of the convolution's output and r
};

// The addition alone, of what the convolution would store without a frame.
constexpr add_shape addition_of(conv_add_shape const& s) noexcept {
  feature_map own = s.out;
  own.halo = own.halo_h = 0;
  return {own,           s.added,     s.out,      s.out_zero, s.added_zero, s.left_shift, s.own_scale,
          s.added_scale, s.sum_scale, s.sum_zero, s.sum_min,  s.sum_max,    s.linear};
}

// A convolution and the addition of its output (a) and another map (b): the one shape for both.
constexpr conv_add_shape join(conv_shape const& conv, add_shape const& add) noexcept {
  conv_add_shape s{conv,          add.b,        add.b_zero,  add.left_shift, add.a_scale, add.b_scale,
                   add.out_scale, add.out_zero, add.out_min, add.out_max,    add.linear};
  s.out.halo = add.out.halo, s.out.halo_h = add.out.halo_h;
  return s;
}

// For conv_pixels: tiles write pixel behind pixel into 4 KB that stay in L1; when they are full, the sums go to the map.
template <class Rounding>
class onto_sum {
 public:
  onto_sum(conv_add_shape const& s, std::int8_t const* other, std::int8_t* y) noexcept
      : s_(addition_of(s)), other_(other), y_(y) {}
  void begin(index_t first, index_t outputs) noexcept {
    first_ = first, outputs_ = outputs;
    oy_ = ox_ = 0;
    begin_ = -s_.out.w * outputs;
  }
  [[nodiscard]] index_t step() const noexcept { return outputs_; }
  PETRA_INLINE void row(std::int8_t const* q) noexcept { row_ = q, begin_ += s_.out.w * outputs_; }
  [[nodiscard]] PETRA_INLINE std::int8_t* at(std::int8_t const* q) noexcept {
    index_t used = begin_ + (q - row_);
    if (used > bytes - most_of_tile) {
      add(used);
      begin_ -= used;
      used = 0;
    }
    return own_ + used;
  }
  void end() noexcept { add(begin_ + s_.out.w * outputs_); }

 private:
  static constexpr index_t bytes = 4096, most_of_tile = 16 * 24;

  // The sums of the pixels in the first `used` bytes.
  [[gnu::noinline]] void add(index_t used) noexcept {
    with_adder<Rounding>(
        s_, [&](auto const& sum, output_grid const& grid) __attribute__((always_inline)) {
          index_t const c = s_.out.c;
          std::int8_t const *a = own_, *const end = own_ + used;
          while (a != end) {
            std::int8_t const* b = other_ + s_.b.origin() + oy_ * s_.b.row() + ox_ * c + first_;
            std::int8_t* y = y_ + s_.out.origin() + oy_ * s_.out.row() + ox_ * c + first_;
            if (outputs_ == c) {  // as much of a row as there is
              index_t const left = (s_.out.w - ox_) * c, n = left < end - a ? left : end - a;
              add_run(n, grid, sum, a, b, y);
              a += n, ox_ += n / c;
            } else {
              // Two blocks at a time are two pixels at a time: 8 x 8 of 64 outputs, 2 % of the convolution.
              for (; outputs_ == 32 && ox_ + 1 < s_.out.w && end - a >= 64; ox_ += 2, a += 64, b += 2 * c, y += 2 * c) {
                auto const at = [&](index_t i, index_t from) __attribute__((always_inline)) {
                  return sum(i32x16::load(a + i), i32x16::load(b + from));
                };
                i32x16 const v[4] = {at(0, 0), at(16, 16), at(32, c), at(48, c + 16)};
                store_rows<2>(y, c, v, grid, 16, 2);
              }
              for (; ox_ < s_.out.w && a != end; ++ox_, a += outputs_, b += c, y += c)
                add_run(outputs_, grid, sum, a, b, y);
            }
            if (ox_ == s_.out.w) ++oy_, ox_ = 0;
          }
        });
  }

  add_shape s_;
  std::int8_t const* other_;
  std::int8_t* y_;
  index_t first_ = 0, outputs_ = 0;
  index_t oy_ = 0, ox_ = 0;  // of the first pixel that is here
  index_t begin_ = 0;        // where the current row's first pixel is or would be
  std::int8_t const* row_ = nullptr;
  alignas(64) std::int8_t own_[bytes];
};

template <class Rounding = rounding::single, class Shape>
inline void conv2d_add_s8(Shape shape, std::int8_t const* x, std::int8_t const* r, std::int8_t const* w,
                          std::int32_t const* bias, std::int32_t const* multiplier, std::int8_t const* shift,
                          std::int8_t* y) noexcept {
  conv_add_shape const s = shape;
  onto_sum<Rounding> output(s, r, y);
  conv_pixels<Rounding>(shape, output, x, w, bias, multiplier, shift, y);
  fill_halo(s.out, y, static_cast<std::int8_t>(s.sum_zero));
}

}  // namespace petra::rt
