// Finds the linear form of an int8 addition: (a * a_factor + b * b_factor + start) >> right with the same byte for every
// pair (a, b) as the three requantizations of the specification.
//
// The specification's sum is a line that is rounded; 32-bit factors miss it by up to 2^-14 of a step, which matters only
// where the line passes that close to a rounding bound: in some dozen pairs. These bound `start` from both sides, so the
// factors next to the real ones are tried until an interval is left; then all 65,536 pairs are compared. 99 of 100
// additions of random grids have a form; the others stay as they are, as do sums that do not fit in 32 bits.
//
// Used when a program is made, never on the device. Deterministic.
// Cost: 0.2 ms, up to 10 ms where many pairs lie on a bound (equal grids).
#pragma once
#include "petra/runtime/add_s8.hpp"

namespace petra::inline PETRA_ABI::rt {

class linear_search {
 public:
  explicit linear_search(add_shape const& s) noexcept : s_(s) {
    for (std::int32_t i = 0; i < 256; ++i) {
      a_[i] = scaled(i - 128 - s.a_zero, s.a_scale);
      b_[i] = scaled(i - 128 - s.b_zero, s.b_scale);
    }
  }

  [[nodiscard]] linear_sum find() noexcept {
    double const a = real(s_.a_scale, s_.left_shift) * real(s_.out_scale, 0),
                 b = real(s_.b_scale, s_.left_shift) * real(s_.out_scale, 0),
                 start = s_.out_zero + .5 - s_.a_zero * a - s_.b_zero * b;
    double const most = 128 * (a + b) + (start < 0 ? -start : start) + .01;
    if (s_.left_shift < 0 || s_.left_shift > 22 || s_.out_scale.multiplier == 0 || s_.out_scale.shift > 0) return {};
    std::int32_t right = 30;
    while (right > 0 && most * static_cast<double>(std::int64_t{1} << right) >= 0x1p31) --right;
    for (std::int32_t tries = right; tries >= right - 1 && tries > 12; --tries) {
      double const unit = static_cast<double>(std::int64_t{1} << tries);
      auto const nearest = [&](double v) { return static_cast<std::int64_t>(v * unit + (v < 0 ? -.5 : .5)); };
      collect(tries);
      for (std::int64_t far = 0; far <= (complete_ ? 12 : 1); ++far)
        for (std::int64_t i = -far; i <= far; ++i)
          for (std::int64_t j = -far; j <= far; ++j) {
            if (i != far && i != -far && j != far && j != -far) continue;
            linear_sum const form = with_start(nearest(a) + i, nearest(b) + j, nearest(start), tries);
            if (form.right > 0 && agrees(form)) return form;
          }
    }
    return {};
  }

 private:
  struct pair {
    std::int16_t a, b, y;
  };

  static double real(requant const& q, std::int32_t left) noexcept {
    double v = q.multiplier * 0x1p-31;
    for (std::int32_t n = q.shift + left; n > 0; --n) v *= 2;
    for (std::int32_t n = q.shift + left; n < 0; ++n) v *= .5;
    return v;
  }
  [[nodiscard]] std::int32_t scaled(std::int32_t v, requant const& q) const noexcept {
    return rounding::single::apply(v * (std::int32_t{1} << s_.left_shift), q.multiplier, q.shift);
  }
  // What the specification adds up for (a, b), before bounds.
  [[nodiscard]] std::int32_t sum(std::int32_t a, std::int32_t b) const noexcept {
    requant const q = s_.out_scale;
    return rounding::single::apply(a_[a + 128] + b_[b + 128], q.multiplier, q.shift) + s_.out_zero;
  }
  [[nodiscard]] std::int32_t held(std::int32_t v) const noexcept {
    return v < s_.out_min ? s_.out_min : v > s_.out_max ? s_.out_max : v;
  }

  // Pairs so close to a rounding bound that factors nearby may fall on its other side.
  void collect(std::int32_t right) noexcept {
    count_ = 0;
    complete_ = true;
    std::int32_t const down = 31 - s_.out_scale.shift;
    std::int64_t const whole = std::int64_t{1} << down, close = whole >> (right - 13);
    for (std::int32_t a = -128; a < 128; ++a)
      for (std::int32_t b = -128; b < 128; ++b) {
        std::int64_t const v = std::int64_t{a_[a + 128] + b_[b + 128]} * s_.out_scale.multiplier + whole / 2,
                           over = v & (whole - 1);
        if (over > close && whole - over > close) continue;
        std::int32_t const y = sum(a, b);
        if (y < s_.out_min - 1 || y > s_.out_max + 1) continue;
        if (count_ == capacity) {
          complete_ = false;
          return;
        }
        pairs_[count_++] = {static_cast<std::int16_t>(a), static_cast<std::int16_t>(b),
                            static_cast<std::int16_t>(held(y))};
      }
  }

  // The middle of the starts with which all collected pairs come out right; right = 0 if there is none.
  [[nodiscard]] linear_sum with_start(std::int64_t a, std::int64_t b, std::int64_t start,
                                      std::int32_t right) const noexcept {
    std::int64_t const far = std::int64_t{1} << right;
    std::int64_t lo = start - far, hi = start + far;
    for (index_t i = 0; i < count_; ++i) {
      pair const& p = pairs_[i];
      std::int64_t const product = p.a * a + p.b * b, bound = std::int64_t{p.y} << right;
      if (p.y > s_.out_min && bound - product > lo) lo = bound - product;
      if (p.y < s_.out_max && bound + far - product - 1 < hi) hi = bound + far - product - 1;
      if (lo > hi) return {};
    }
    std::int64_t const from = start < lo ? lo : start > hi ? hi : start;
    auto const size = [](std::int64_t v) { return v < 0 ? -v : v; };
    if (128 * (size(a) + size(b)) + size(from) >= std::int64_t{1} << 31) return {};
    return {static_cast<std::int32_t>(a), static_cast<std::int32_t>(b), static_cast<std::int32_t>(from), right};
  }

  [[nodiscard]] bool agrees(linear_sum const& f) const noexcept {
    for (std::int32_t a = -128; a < 128; ++a)
      for (std::int32_t b = -128; b < 128; ++b)
        if (held((a * f.a_factor + b * f.b_factor + f.start) >> f.right) != held(sum(a, b))) return false;
    return true;
  }

  static constexpr index_t capacity = 1024;
  add_shape s_;
  std::int32_t a_[256]{}, b_[256]{};
  pair pairs_[capacity]{};
  index_t count_ = 0;
  bool complete_ = true;
};

// The addition with its linear form, if there is one, for rounding::single.
[[nodiscard]] inline add_shape with_linear_sum(add_shape s) noexcept {
  s.linear = linear_search(s).find();
  return s;
}

}  // namespace petra::rt
