// The front as one self-contained page: two charts, quality over latency and quality over size, and the table of the
// front.
//
// The page loads nothing: style, script and data are inside, and its content security policy forbids the rest. Charts
// are drawn by the script (html_script.hpp); headline, table and facts of the run are there without it. Every text from
// outside is escaped. Deterministic: equal reports give equal bytes. Source of the table's order: report/terminal.hpp.
//
// Cost: about 40 kB and 1 kB a candidate.
#pragma once
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

#include "petra/core/config.hpp"
#include "petra/core/json.hpp"
#include "petra/core/text.hpp"
#include "petra/report/facts.hpp"
#include "petra/report/format.hpp"
#include "petra/report/front.hpp"
#include "petra/report/html_data.hpp"
#include "petra/report/html_script.hpp"
#include "petra/report/html_style.hpp"
#include "petra/report/points.hpp"
#include "petra/report/terminal.hpp"

namespace petra::inline PETRA_ABI::report {

// Text that is safe between tags and inside quoted attributes.
template <class = void>
[[gnu::cold]] std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char const c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (c == '\'')
      out += "&#39;";
    else
      out += c;
  }
  return out;
}

// JSON that is safe inside a script element: no `<`, so neither `</script` nor `<!--` can occur.
template <class = void>
[[gnu::cold]] std::string script_json(json const& j) {
  std::string const text = j.dump();
  std::string out;
  out.reserve(text.size());
  for (char const c : text)
    if (c == '<')
      out += "\\u003c";
    else
      out += c;
  return out;
}

// A pipeline as code; a line breaks between stages before it breaks inside one.
template <class = void>
[[gnu::cold]] std::string code_html(std::string_view pipeline) {
  std::string out = "<code><span>";
  for (auto at = pipeline.find(" | "); at != pipeline.npos; at = pipeline.find(" | ")) {
    append(out, {escaped(pipeline.substr(0, at)), "</span> <span>| "});
    pipeline.remove_prefix(at + 3);
  }
  append(out, {escaped(pipeline), "</span></code>"});
  return out;
}

// Empty when there is no change to show.
template <class = void>
[[gnu::cold]] std::string change_html(fact const& f, char const* element) {
  if (f.change.empty()) return {};
  char const* const color = f.better > 0 ? "better" : f.better < 0 ? "worse" : "soft";
  return concat({"<", element, " class=\"", color, "\">", f.change, "</", element, ">"});
}

// Headline: the chosen model against the baseline.
template <class = void>
[[gnu::cold]] std::string tiles_html(front_report const& r) {
  candidate const* const c = chosen_model(r);
  if (!c) {
    return concat({"<p class=\"recipe\">",
                   r.front.empty() ? "No model met the limits: the front is empty, and nothing was emitted."
                                   : "No member of the front was chosen, and nothing was emitted.",
                   "</p>\n"});
  }
  facts const f = typeset_facts(r, *c), b = typeset_facts(r, r.baseline);
  bool const test = !f.quality_test.value.empty() && !b.quality_test.value.empty();
  std::string out = "<dl class=\"tiles\">\n";
  auto const tile = [&](char const* name, std::string_view big, std::initializer_list<piece> was) {
    append(out, {"<div><dt>", name, "</dt><dd class=\"big\">", big, "</dd><dd><small>"});
    append(out, was);
    out += "</small></dd></div>\n";
  };
  auto const against = [&](char const* name, fact const& now, fact const& before) {
    if (now.change.empty()) return tile(name, now.value.empty() ? "not measured" : std::string_view(now.value), {});
    tile(name, change_html(now, "span"), {now.value, " instead of ", before.value});
  };
  fact const &quality = test ? f.quality_test : f.quality, &before = test ? b.quality_test : b.quality;
  tile(test ? "Quality, test data" : "Quality, validation data", quality.value,
       {quality.change, in_percent(r) ? " points from " : " from ", before.value});
  against("Size", f.size, b.size);
  against("Latency", f.latency, b.latency);
  against("Throughput", f.throughput, b.throughput);
  append(out,
         {"</dl>\n<p class=\"recipe\"><small>Chosen: model ", c->id, "</small><br>", code_html(c->pipeline), "</p>\n"});
  return out;
}

template <class = void>
[[gnu::cold]] void append_row(std::string& out, front_report const& r, candidate const& c) {
  facts const f = typeset_facts(r, c);
  std::string_view const kind = kind_of(r, c);
  std::string const id = std::to_string(c.id);
  // The baseline is no evaluation of the search unless it has a number of one.
  bool const numbered = kind != "baseline" || c.id >= 0;
  append(out, {"<tr role=\"row\" class=\"", kind, "\" data-id=\"", id,
               "\"><td role=\"cell\"><span class=\"name\" data-icon=\"", kind, "\">",
               numbered ? std::string_view(id) : "", numbered && (kind == "baseline" || kind == "chosen") ? " " : "",
               kind == "baseline" || kind == "chosen" ? kind : "",
               c.flagged ? " <small class=\"worse\">cost table off by more than 15 %</small>" : "", "</span>",
               code_html(c.pipeline), "</td>"});
  auto const cell = [&](char const* label, fact const& x) {
    append(out, {"<td role=\"cell\" data-label=\"", label, "\">",
                 x.value.empty() ? "\xe2\x80\x93" : std::string_view(x.value), change_html(x, "small"), "</td>"});
  };
  cell("Quality", f.quality);
  cell("Test", f.quality_test);
  cell("Size", f.size);
  cell("Latency", f.latency);
  cell("p99", f.latency_p99);
  cell("Throughput", f.throughput);
  cell("Peak RAM", f.peak_activation);
  cell("MACs", f.macs);
  out += "</tr>\n";
}

template <class = void>
[[gnu::cold]] std::string table_html(front_report const& r) {
  std::string out =
      "<section aria-labelledby=\"front\">\n<h2 id=\"front\">The front</h2>\n"
      "<p class=\"soft\">Best quality first; below each number its difference to the baseline. Quality on "
      "validation data, latency at batch 1 on one core, throughput in samples at batch 64 on all cores.</p>\n"
      "<div class=\"scroll\"><table role=\"table\">\n<thead role=\"rowgroup\"><tr role=\"row\">";
  for (char const* name : {"Model", "Quality", "Test", "Size", "Latency", "p99", "Throughput", "Peak RAM", "MACs"})
    append(out, {"<th role=\"columnheader\" scope=\"col\">", name, "</th>"});
  out += "</tr></thead>\n<tbody role=\"rowgroup\">\n";
  append_row(out, r, r.baseline);
  for (candidate const* const c : by_quality(r))
    if (c->id != r.baseline.id) append_row(out, r, *c);
  out += "</tbody></table></div>\n</section>\n";
  return out;
}

template <class = void>
[[gnu::cold]] std::string run_html(front_report const& r) {
  std::string out = "<footer>\n";
  if (!r.failed.empty()) {
    append(out, {"<details><summary>", r.failed.size(), " failed</summary><ul>\n"});
    for (failure const& f : r.failed)
      append(out, {"<li>", code_html(f.pipeline), "<p class=\"soft\">", escaped(f.why), "</p></li>\n"});
    out += "</ul></details>\n";
  }
  append(out, {"<details><summary>About this run</summary><dl class=\"run\">\n<dt>Hardware</dt><dd>",
               escaped(r.hardware), "</dd>\n<dt>Flags</dt><dd>", escaped(r.flags), "</dd>\n<dt>Seed</dt><dd>", r.seed,
               "</dd>\n<dt>Threads</dt><dd>", r.threads, "</dd>\n<dt>Evaluations</dt><dd>", r.evaluations,
               "</dd>\n<dt>Time</dt><dd>", fixed(r.seconds, 1), " s</dd>\n<dt>Metric</dt><dd>", escaped(r.metric),
               r.higher_is_better ? ", higher is better" : ", lower is better", "</dd>\n<dt>petra</dt><dd>",
               escaped(r.petra_version), "</dd>\n</dl></details>\n</footer>\n"});
  return out;
}

template <class = void>
[[gnu::cold]] std::string to_html(front_report const& r) {
  std::string out =
      concat({"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
              "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
              "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
              "script-src 'unsafe-inline'; img-src data:\">\n"
              "<link rel=\"icon\" href=\"data:,\">\n<title>petra: Pareto front</title>\n<style>",
              html_style, "</style>\n</head>\n<body>\n<header>\n"});
  append(out, {"<h1>", r.front.size(), " model", plural(r.front.size()),
               " on the front</h1>\n<p class=\"soft\">petra evaluated ", r.evaluations, " candidate",
               plural(r.evaluations), " in ", fixed(r.seconds, 0), " s",
               chosen_model(r) ? ". The chosen model against the baseline:" : ".", "</p>\n</header>\n"});
  append(out,
         {tiles_html(r),
          "<section aria-label=\"Charts\">\n<ul class=\"legend\"><li data-icon=\"chosen\">chosen</li>"
          "<li data-icon=\"baseline\">baseline</li><li data-icon=\"front\">front</li>"
          "<li data-icon=\"other\">dominated, latency estimated</li></ul>\n<div class=\"charts\">\n"
          "<figure><h2>Quality over latency</h2><div class=\"plot\" id=\"plot-latency\"></div></figure>\n"
          "<figure><h2>Quality over size</h2><div class=\"plot\" id=\"plot-size\"></div></figure>\n"
          "</div>\n<noscript><p>The charts need JavaScript; the table below holds the same numbers.</p></noscript>\n"
          "</section>\n",
          table_html(r), run_html(r)});
  append(out, {"<div id=\"tip\" role=\"tooltip\" hidden></div>\n<script type=\"application/json\" id=\"data\">",
               script_json(chart_data(r)), "</script>\n<script>", html_script, "</script>\n</body>\n</html>\n"});
  return out;
}

}  // namespace petra::inline PETRA_ABI::report
