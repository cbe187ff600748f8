// Quality over latency as characters, for a terminal: '.' dominated, 'o' on the front, 'B' baseline, '*' chosen, 'v' or
// '^' outside the range shown. 78 columns, ASCII; logarithmic in latency when it spans more than a factor of ten.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "petra/core/config.hpp"
#include "petra/report/format.hpp"
#include "petra/report/front.hpp"
#include "petra/report/points.hpp"

namespace petra::inline PETRA_ABI::report {

template <class = void>
[[gnu::cold]] std::string to_scatter(front_report const& r) {
  static constexpr int width = 64, height = 14;
  struct dot {
    double x, y;
    char mark;
  };
  std::vector<dot> dots;
  for (candidate const* c : everybody(r)) {
    double const x = latency_ns(*c);
    if (!(x > 0) || !std::isfinite(x) || !std::isfinite(c->quality)) continue;
    std::string_view const kind = kind_of(r, *c);
    dots.push_back({x, shown_quality(r, *c),
                    kind == "chosen"     ? '*'
                    : kind == "baseline" ? 'B'
                    : kind == "front"    ? 'o'
                                         : '.'});
  }
  if (dots.empty()) return "    no candidate has a latency to draw\n";
  auto const [fast, slow] =
      std::minmax_element(dots.begin(), dots.end(), [](dot const& a, dot const& b) { return a.x < b.x; });
  double const x0 = fast->x, x1 = slow->x;
  bool const log = x1 > 10 * x0;
  auto const [y0, y1] = quality_range(r);
  auto const cell = [](double part, int n) {
    return std::clamp(static_cast<int>(std::lround(part * (n - 1))), 0, n - 1);
  };
  std::string grid(height * width, ' ');
  for (char const kind : {'.', 'o', 'B', '*'})  // later dots cover earlier ones
    for (dot const& d : dots) {
      if (d.mark != kind) continue;
      double const along = x1 <= x0 ? 0.5 : log ? std::log(d.x / x0) / std::log(x1 / x0) : (d.x - x0) / (x1 - x0);
      int const row = cell(std::clamp((y1 - d.y) / (y1 - y0), 0., 1.), height);
      grid[static_cast<std::size_t>(row * width + cell(along, width))] = d.y < y0 ? 'v' : d.y > y1 ? '^' : d.mark;
    }

  std::string out = concat({"    ", r.metric, in_percent(r) ? " in %" : "", "\n"});
  for (int i = 0; i < height; ++i) {
    bool const labeled = i == 0 || i == height / 2 || i == height - 1;
    double const y = y1 - (y1 - y0) * i / (height - 1);
    std::string const label = !labeled ? std::string() : in_percent(r) ? fixed(y, 1) : significant(y);
    out.append(label.size() < 9 ? 9 - label.size() : 0, ' ');
    append(out, {label, " |", std::string_view(grid).substr(static_cast<std::size_t>(i * width), width)});
    out.erase(out.find_last_not_of(' ') + 1);
    out += '\n';
  }
  std::string const middle = time_text(log ? std::sqrt(x0 * x1) : (x0 + x1) / 2), right = time_text(x1);
  std::string axis(11 + width, ' ');
  auto const put = [&](std::size_t at, std::string const& text) { axis.replace(at, text.size(), text); };
  put(11, time_text(x0));
  put(11 + width / 2 - middle.size() / 2, middle);
  put(11 + width - right.size(), right);
  append(out, {"          +", std::string(width, '-'), "\n", axis, "\n           latency, batch 1, one core",
               log ? ", logarithmic" : "", "\n"});
  return out;
}

}  // namespace petra::inline PETRA_ABI::report
