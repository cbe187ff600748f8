// Ten line figures as polylines in a box of -64 .. 64, y down: the classes of the synthetic pictures.
//
// Chosen in pairs that a drawing error turns into each other: ring and square, square and triangle, plus and tee, tee
// and fork, z and wave, arc and ring, wave and eight.
#pragma once
#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

#include "petra/data/stroke.hpp"

namespace petra::inline PETRA_ABI::data {

inline constexpr std::array<std::string_view, 10> figure_names = {"ring", "square", "triangle", "plus", "z",
                                                                  "arc",  "tee",    "wave",     "fork", "eight"};

// One or several polylines. The pen draws from each point to the next unless it is lifted in between.
class figure {
 public:
  static constexpr index_t max_points = 20;

  constexpr explicit figure(std::initializer_list<std::initializer_list<point>> lines) {
    for (auto const& line : lines) {
      expects(count_ + static_cast<index_t>(line.size()) <= max_points, "figure: too many points");
      for (point const p : line) point_[static_cast<std::size_t>(count_++)] = p;
      ends_ |= 1u << (count_ - 1);
    }
  }

  [[nodiscard]] constexpr std::span<point> points() { return {point_.data(), static_cast<std::size_t>(count_)}; }
  [[nodiscard]] constexpr std::span<point const> points() const {
    return {point_.data(), static_cast<std::size_t>(count_)};
  }
  // Calls f(a, b) for every segment.
  template <class F>
  constexpr void for_each_segment(F&& f) const {
    for (std::size_t p = 0; p + 1 < static_cast<std::size_t>(count_); ++p)
      if ((ends_ >> p & 1u) == 0) f(point_[p], point_[p + 1]);
  }

 private:
  std::array<point, max_points> point_{};
  std::uint32_t ends_ = 0;  // bit p: a line ends at point p
  index_t count_ = 0;
};

// clang-format off
// Pre: 0 <= label < 10.
constexpr figure figure_of(index_t label) {
  expects(label >= 0 && label < static_cast<index_t>(figure_names.size()), "figure_of: no such figure");
  switch (label) {
    case 0:  // ring: a regular polygon of 12
      return figure{{{64, 0}, {55, 32}, {32, 55}, {0, 64}, {-32, 55}, {-55, 32}, {-64, 0},
                     {-55, -32}, {-32, -55}, {0, -64}, {32, -55}, {55, -32}, {64, 0}}};
    case 1:  // square
      return figure{{{-54, -54}, {54, -54}, {54, 54}, {-54, 54}, {-54, -54}}};
    case 2:  // triangle
      return figure{{{0, -64}, {60, 50}, {-60, 50}, {0, -64}}};
    case 3:  // plus
      return figure{{{0, -64}, {0, 64}}, {{-64, 0}, {64, 0}}};
    case 4:  // z
      return figure{{{-54, -58}, {54, -58}, {-54, 58}, {54, 58}}};
    case 5:  // arc: the ring without its right third
      return figure{{{32, 55}, {0, 64}, {-32, 55}, {-55, 32}, {-64, 0}, {-55, -32}, {-32, -55}, {0, -64}, {32, -55}}};
    case 6:  // tee: a T
      return figure{{{-60, -58}, {60, -58}}, {{0, -58}, {0, 64}}};
    case 7:  // wave: an S
      return figure{{{45, -50}, {20, -64}, {-20, -64}, {-45, -45}, {-38, -16}, {0, 0},
                     {38, 16}, {45, 45}, {20, 64}, {-20, 64}, {-45, 50}}};
    case 8:  // fork: a Y
      return figure{{{-54, -62}, {0, -4}, {0, 64}}, {{54, -62}, {0, -4}}};
    default:  // eight: two rings
      return figure{{{0, 0}, {32, -14}, {38, -38}, {20, -62}, {-20, -62}, {-38, -38}, {-32, -14}, {0, 0},
                     {38, 16}, {44, 40}, {22, 64}, {-22, 64}, {-44, 40}, {-38, 16}, {0, 0}}};
  }
}
// clang-format on

}  // namespace petra::data
