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
#include <string>
#include <string_view>

#include "petra/core/config.hpp"
#include "petra/core/json.hpp"
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
[[gnu::cold]] inline std::string escaped(std::string_view text) {
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
[[gnu::cold]] inline std::string script_json(json const& j) {
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
[[gnu::cold]] inline std::string code_html(std::string_view pipeline) {
  std::string out = "<code><span>";
  for (auto at = pipeline.find(" | "); at != pipeline.npos; at = pipeline.find(" | ")) {
    out += escaped(pipeline.substr(0, at)) + "</span> <span>| ";
    pipeline.remove_prefix(at + 3);
  }
  return out + escaped(pipeline) + "</span></code>";
}

[[gnu::cold]] inline std::string change_html(fact const& f, char const* element) {
  char const* const color = f.better > 0 ? "better" : f.better < 0 ? "worse" : "soft";
  return std::string("<") + element + " class=\"" + color + "\">" + typeset(f.change) + "</" + element + ">";
}

// Headline: the chosen model against the baseline.
[[gnu::cold]] inline std::string tiles_html(front_report const& r) {
  candidate const* const c = chosen_model(r);
  if (!c) {
    return std::string("<p class=\"recipe\">") +
           (r.front.empty() ? "No model met the limits: the front is empty, and nothing was emitted."
                            : "No member of the front was chosen, and nothing was emitted.") +
           "</p>\n";
  }
  facts const f = facts_of(r, *c), b = facts_of(r, r.baseline);
  bool const test = !f.quality_test.value.empty() && !b.quality_test.value.empty();
  std::string out = "<dl class=\"tiles\">\n";
  auto const tile = [&](char const* name, std::string const& big, std::string const& was) {
    out += std::string("<div><dt>") + name + "</dt><dd class=\"big\">" + big + "</dd><dd><small>" + was +
           "</small></dd></div>\n";
  };
  auto const against = [&](char const* name, fact const& now, fact const& before) {
    if (now.change.empty()) return tile(name, now.value.empty() ? "not measured" : typeset(now.value), "");
    tile(name, change_html(now, "span"), typeset(now.value) + " instead of " + typeset(before.value));
  };
  fact const &quality = test ? f.quality_test : f.quality, &before = test ? b.quality_test : b.quality;
  tile(test ? "Quality, test data" : "Quality, validation data", typeset(quality.value),
       typeset(quality.change) + (in_percent(r) ? " points from " : " from ") + typeset(before.value));
  against("Size", f.size, b.size);
  against("Latency", f.latency, b.latency);
  against("Throughput", f.throughput, b.throughput);
  return out + "</dl>\n<p class=\"recipe\"><small>Chosen: model " + std::to_string(c->id) + "</small><br>" +
         code_html(c->pipeline) + "</p>\n";
}

[[gnu::cold]] inline std::string row_html(front_report const& r, candidate const& c) {
  facts const f = facts_of(r, c);
  std::string const kind = kind_of(r, c), id = std::to_string(c.id);
  // The baseline is no evaluation of the search unless it has a number of one.
  std::string const name = kind == "baseline" ? (c.id < 0 ? "baseline" : id + " baseline")
                           : kind == "chosen" ? id + " chosen"
                                              : id;
  std::string out = std::string("<tr role=\"row\" class=\"") + kind + "\" data-id=\"" + id + "\">" +
                    "<td role=\"cell\"><span class=\"name\" data-icon=\"" + kind + "\">" + name +
                    (c.flagged ? " <small class=\"worse\">cost table off by more than 15 %</small>" : "") + "</span>" +
                    code_html(c.pipeline) + "</td>";
  auto const cell = [&](char const* label, fact const& x) {
    out += std::string("<td role=\"cell\" data-label=\"") + label + "\">" +
           (x.value.empty() ? "\xe2\x80\x93" : typeset(x.value)) + (x.change.empty() ? "" : change_html(x, "small")) +
           "</td>";
  };
  cell("Quality", f.quality);
  cell("Test", f.quality_test);
  cell("Size", f.size);
  cell("Latency", f.latency);
  cell("p99", f.latency_p99);
  cell("Throughput", f.throughput);
  cell("Peak RAM", f.peak_activation);
  cell("MACs", f.macs);
  return out + "</tr>\n";
}

[[gnu::cold]] inline std::string table_html(front_report const& r) {
  std::string out =
      "<section aria-labelledby=\"front\">\n<h2 id=\"front\">The front</h2>\n"
      "<p class=\"soft\">Best quality first; below each number its difference to the baseline. Quality on "
      "validation data, latency at batch 1 on one core, throughput in samples at batch 64 on all cores.</p>\n"
      "<div class=\"scroll\"><table role=\"table\">\n<thead role=\"rowgroup\"><tr role=\"row\">";
  for (char const* name : {"Model", "Quality", "Test", "Size", "Latency", "p99", "Throughput", "Peak RAM", "MACs"})
    out += std::string("<th role=\"columnheader\" scope=\"col\">") + name + "</th>";
  out += "</tr></thead>\n<tbody role=\"rowgroup\">\n" + row_html(r, r.baseline);
  for (candidate const* const c : by_quality(r))
    if (c->id != r.baseline.id) out += row_html(r, *c);
  return out + "</tbody></table></div>\n</section>\n";
}

[[gnu::cold]] inline std::string run_html(front_report const& r) {
  std::string out = "<footer>\n";
  if (!r.failed.empty()) {
    out += std::string("<details><summary>") + std::to_string(r.failed.size()) + " failed</summary><ul>\n";
    for (failure const& f : r.failed)
      out += std::string("<li>") + code_html(f.pipeline) + "<p class=\"soft\">" + escaped(f.why) + "</p></li>\n";
    out += "</ul></details>\n";
  }
  out += "<details><summary>About this run</summary><dl class=\"run\">\n";
  auto const line = [&](char const* name, std::string const& value) {
    out += std::string("<dt>") + name + "</dt><dd>" + escaped(value) + "</dd>\n";
  };
  line("Hardware", r.hardware);
  line("Flags", r.flags);
  line("Seed", std::to_string(r.seed));
  line("Threads", std::to_string(r.threads));
  line("Evaluations", std::to_string(r.evaluations));
  line("Time", fixed(r.seconds, 1) + " s");
  line("Metric", r.metric + (r.higher_is_better ? ", higher is better" : ", lower is better"));
  line("petra", r.petra_version);
  return out + "</dl></details>\n</footer>\n";
}

[[gnu::cold]] inline std::string to_html(front_report const& r) {
  auto const count = [](std::size_t n, char const* one) { return std::to_string(n) + " " + one + (n == 1 ? "" : "s"); };
  auto const legend = [](char const* kind, char const* text) {
    return std::string("<li data-icon=\"") + kind + "\">" + text + "</li>";
  };
  auto const figure = [](char const* id, char const* title) {
    return std::string("<figure><h2>") + title + "</h2><div class=\"plot\" id=\"plot-" + id + "\"></div></figure>\n";
  };
  return std::string("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n") +
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
         "script-src 'unsafe-inline'; img-src data:\">\n"
         "<link rel=\"icon\" href=\"data:,\">\n<title>petra: Pareto front</title>\n<style>" +
         html_style + "</style>\n</head>\n<body>\n<header>\n<h1>" + count(r.front.size(), "model") +
         " on the front</h1>\n<p class=\"soft\">petra evaluated " +
         count(static_cast<std::size_t>(r.evaluations), "candidate") + " in " + fixed(r.seconds, 0) + " s" +
         (chosen_model(r) ? ". The chosen model against the baseline:" : ".") + "</p>\n</header>\n" + tiles_html(r) +
         "<section aria-label=\"Charts\">\n<ul class=\"legend\">" + legend("chosen", "chosen") +
         legend("baseline", "baseline") + legend("front", "front") + legend("other", "dominated, latency estimated") +
         "</ul>\n<div class=\"charts\">\n" + figure("latency", "Quality over latency") +
         figure("size", "Quality over size") +
         "</div>\n<noscript><p>The charts need JavaScript; the table below holds the same numbers.</p></noscript>\n"
         "</section>\n" +
         table_html(r) + run_html(r) +
         "<div id=\"tip\" role=\"tooltip\" hidden></div>\n<script type=\"application/json\" id=\"data\">" +
         script_json(chart_data(r)) + "</script>\n<script>" + html_script + "</script>\n</body>\n</html>\n";
}

}  // namespace petra::inline PETRA_ABI::report
