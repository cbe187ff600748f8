// Writes a made-up front for looking at and for the browser test: sample_front OUT.html [OUT.json] [empty|extreme].
// Nothing in it was measured; the shape of the numbers (a cloud, a front, characters that must be escaped) is the
// point.
#include <cstdio>
#include <cstring>
#include <string>

#include "petra/report/front_json.hpp"
#include "petra/report/html.hpp"
#include "petra/report/scatter.hpp"
#include "petra/report/terminal.hpp"
#include "sample_report.hpp"

namespace {

bool write(char const* path, std::string const& text) {
  std::FILE* const f = std::fopen(path, "wb");
  if (!f) return false;
  bool const whole = std::fwrite(text.data(), 1, text.size(), f) == text.size();
  return std::fclose(f) == 0 && whole;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: sample_front OUT.html [OUT.json] [empty|extreme]\n", stderr);
    return 2;
  }
  char const* const kind = argc > 3 ? argv[3] : "";
  auto const r = !std::strcmp(kind, "empty")     ? sample::empty_report()
                 : !std::strcmp(kind, "extreme") ? sample::extreme_report()
                                                 : sample::report();
  std::fputs(petra::report::to_terminal(r).c_str(), stdout);
  std::fputs(petra::report::to_scatter(r).c_str(), stdout);
  std::puts(petra::report::summary_line(r).c_str());
  bool good = write(argv[1], petra::report::to_html(r));
  if (argc > 2) good = write(argv[2], petra::report::to_json(r).dump(2) + "\n") && good;
  if (!good) std::fprintf(stderr, "sample_front: cannot write %s\n", argv[1]);
  return good ? 0 : 1;
}
