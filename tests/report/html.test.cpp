// The page as text; how it behaves in a browser is html_browser.test.mjs.
#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "petra/report/html.hpp"
#include "sample_report.hpp"

using namespace petra::report;
using petra::json;

namespace {

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

int count(std::string_view text, std::string_view part) {
  int n = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + part.size())) ++n;
  return n;
}

}  // namespace

TEST_CASE("html: text from outside is escaped") {
  CHECK(escaped("a<b>&\"'c") == "a&lt;b&gt;&amp;&quot;&#39;c");
  CHECK(script_json(json("</script><!--")) == "\"\\u003c/script>\\u003c!--\"");
  CHECK(json::parse(script_json(json("</script><!--"))).as_string() == "</script><!--");
  CHECK(code_html("a<8> | b & c") == "<code><span>a&lt;8&gt;</span> <span>| b &amp; c</span></code>");
}

TEST_CASE("html: one file that names nothing outside itself") {
  std::string const page = to_html(sample::report());
  CHECK(page.starts_with("<!doctype html>\n<html lang=\"en\">"));
  CHECK(page.ends_with("</html>\n"));
  for (char const* outside : {"src=", "@import", "url(", "https:", "//cdn", "fetch(", "XMLHttpRequest"}) {
    CAPTURE(outside);
    CHECK_FALSE(contains(page, outside));
  }
  CHECK(count(page, "http:") == 1);  // the name of the SVG namespace, which nobody fetches
  CHECK(contains(page, "default-src 'none'"));
  CHECK(count(page, "<script") == 2);
  CHECK(count(page, "</script") == 2);
  CHECK_FALSE(contains(page, "<b>&amp;"));
  CHECK_FALSE(contains(page, "<!--"));
}

TEST_CASE("html: the data that the page carries is the report's") {
  std::string const page = to_html(sample::report());
  std::string_view const open = "id=\"data\">";
  auto const from = page.find(open) + open.size();
  json const j = json::parse(std::string_view(page).substr(from, page.find("</script", from) - from), "front.html");
  CHECK(j == json::parse(chart_data(sample::report()).dump()));
}

TEST_CASE("html: a row for the baseline and each model of the front, headline of the chosen one") {
  front_report r = sample::report();
  std::string const page = to_html(r);
  CHECK(count(page, "<tr role=\"row\" class=") == static_cast<int>(r.front.size()) + 1);
  CHECK(contains(page, "16 models on the front"));
  CHECK(contains(page, std::string("Chosen: model ") + std::to_string(*r.chosen)));
  CHECK(contains(page, "&lt;every&gt; place would grow &amp; was left"));
  r.front.push_back(r.baseline);  // a baseline on the front is one row, not two
  CHECK(count(to_html(r), "<tr role=\"row\" class=") == static_cast<int>(r.front.size()));
}

TEST_CASE("html: an empty front and a front without a choice say so") {
  CHECK(contains(to_html(sample::empty_report()), "No model met the limits"));
  CHECK(contains(to_html(sample::empty_report()), ">baseline</span>"));
  CHECK(contains(to_html(sample::report()), ">0 baseline</span>"));
  front_report r = sample::report();
  r.chosen.reset();
  CHECK(contains(to_html(r), "No member of the front was chosen"));
}

TEST_CASE("html: equal reports give equal bytes") { CHECK(to_html(sample::report()) == to_html(sample::report())); }
