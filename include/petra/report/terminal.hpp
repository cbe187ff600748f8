// The front as a table for a terminal: ASCII, at most 100 columns, two lines a model.
//
//        id   quality      test      size   latency  throughput  pipeline
//    B    0   92.61 %   92.45 %    310 kB    212 us    12.3 k/s  train{.epochs = 10}
//
//    *   17   92.10 %   91.98 %   77.2 kB   80.1 us    30.1 k/s  train{.epochs = 8}
//             -0.51     -0.47   -75.1 %   -62.2 %    +144.7 %    | prune::channels{.ratio = 0.4}
//
// The second line of numbers compares with the baseline. Deterministic: best quality first, then the lower id.
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "petra/core/config.hpp"
#include "petra/report/facts.hpp"
#include "petra/report/format.hpp"
#include "petra/report/front.hpp"

namespace petra::inline PETRA_ABI::report {

inline constexpr std::size_t terminal_columns = 100;

// Pieces of at most `width` columns: a break before " | " where one fits, inside a word where nothing else does. Bytes
// that are not printable ASCII become '?': a pipeline must not move the cursor. Pre: width > 8.
template <class = void>
[[gnu::cold]] std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  std::string rest(text);
  for (char& c : rest)
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e) c = '?';
  while (rest.size() > width) {
    auto const begin = std::min(rest.find_first_not_of(' '), rest.size());
    auto at = rest.rfind(" | ", width);
    bool const stage = at != rest.npos && at > begin;
    if (!stage) at = rest.rfind(' ', width);
    auto const n = at == rest.npos || at <= begin ? width : at;
    lines.push_back(rest.substr(0, n));
    rest.erase(0, rest[n] == ' ' ? n + 1 : n);
    if (!stage) rest.insert(0, "    ");  // the middle of a stage
  }
  lines.push_back(rest);
  return lines;
}

// Best first: by quality, equal ones by id.
template <class = void>
[[gnu::cold]] std::vector<candidate const*> by_quality(front_report const& r) {
  std::vector<candidate const*> models;
  auto const better = [&](candidate const* a, candidate const* b) {
    if (a->quality != b->quality) return (a->quality > b->quality) == r.higher_is_better;
    return a->id < b->id;
  };
  for (candidate const& c : r.front) models.insert(std::upper_bound(models.begin(), models.end(), &c, better), &c);
  return models;
}

template <class = void>
[[gnu::cold]] std::string to_terminal(front_report const& r) {
  static constexpr std::size_t width[] = {6, 10, 10, 10, 10, 12};
  static constexpr std::size_t margin = 4 + 6 + 10 + 10 + 10 + 10 + 12 + 2;
  std::string out;
  auto const right = [&](std::string_view s, std::size_t w) {
    out.append(w > s.size() ? w - s.size() : 1, ' ').append(s);
  };
  auto const end_line = [&] {
    out.erase(out.find_last_not_of(' ') + 1);
    out += '\n';
  };
  auto const row = [&](std::string_view mark, std::array<std::string_view, 6> const& cells, std::string_view last) {
    out += mark;
    for (std::size_t i = 0; i < cells.size(); ++i) right(cells[i], width[i]);
    append(out, {"  ", last});
    end_line();
  };
  auto const model = [&](candidate const& c, char mark) {
    facts const f = facts_of(r, c);
    auto const shown = [](std::string_view s) { return s.empty() ? "-" : s; };
    std::string const id = c.id < 0 ? "-" : std::to_string(c.id);
    std::vector<std::string> const code = wrapped(c.pipeline, terminal_columns - margin);
    char const marks[] = {' ', mark, c.flagged ? '!' : ' ', ' '};
    row({marks, sizeof marks},
        {id, f.quality.value, shown(f.quality_test.value), f.size.value, f.latency.value, shown(f.throughput.value)},
        code[0]);
    if (mark != 'B')
      row("    ", {"", f.quality.change, f.quality_test.change, f.size.change, f.latency.change, f.throughput.change},
          code.size() > 1 ? std::string_view(code[1]) : "");
    for (std::size_t i = mark == 'B' ? 1 : 2; i < code.size(); ++i) {
      out.append(margin, ' ').append(code[i]);
      end_line();
    }
  };

  row("    ", {"id", "quality", "test", "size", "latency", "throughput"}, "pipeline");
  model(r.baseline, 'B');
  for (candidate const* const member : by_quality(r)) {
    candidate const& c = *member;
    if (c.id == r.baseline.id) continue;  // stands first already
    out += '\n';
    model(c, r.chosen && c.id == *r.chosen ? '*' : ' ');
  }
  if (r.front.empty()) out += "\n    no model met the limits: the front is empty\n";
  append(out, {"\n    B baseline   * chosen   ! measured latency more than 15 % off the cost table\n    quality: ",
               r.metric, r.higher_is_better ? ", higher" : ", lower",
               " is better; latency: batch 1, one core, median; throughput: batch 64\n"});
  int const threads = std::max(r.threads, 0);
  append(out, {"    ", r.front.size(), " model", plural(r.front.size()), " on the front, ", r.evaluated.size(),
               " candidate", plural(r.evaluated.size()), " evaluated, ", r.failed.size(), " failed\n"});
  append(out, {"    ", fixed(r.seconds, 1), " s, seed ", r.seed, ", ", threads, " thread", plural(threads), "\n"});
  return out;
}

// The last line of the main job: test quality where it was measured; one and the same model against the baseline.
template <class = void>
[[gnu::cold]] std::string summary_line(front_report const& r) {
  std::string out = concat({"front: ", r.front.size(), " models; "});
  candidate const* const c = chosen_model(r);
  if (!c) return out + "no model.hpp: no member of the front was chosen";
  facts const f = facts_of(r, *c), b = facts_of(r, r.baseline);
  bool const test = !f.quality_test.value.empty() && !b.quality_test.value.empty();
  append(out, {"model.hpp: quality ", (test ? f.quality_test : f.quality).value, " (baseline ",
               (test ? b.quality_test : b.quality).value, "), size ", f.size.change, ", latency ", f.latency.change,
               f.throughput.change.empty() ? "" : ", throughput ", f.throughput.change});
  return out;
}

}  // namespace petra::inline PETRA_ABI::report
