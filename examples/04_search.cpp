// The main job: train → search → Pareto front → one header that runs, for pictures, series, events or text. examples/search/
// has the run and what each domain brings to it. ./examples/run.sh builds and runs it; --help explains.
#include <cstdio>
#include <exception>

#include "options.hpp"
#include "petra/core/cpu.hpp"
#include "search/domains.hpp"

namespace {

// Null where it is not built in.
int (*job_of(task t))(options const&) {
  switch (t) {
    case task::pictures:
      return &domains::pictures;
    case task::series:
      return &domains::series;
    case task::events:
      return &domains::events;
    case task::text:
      return &domains::text;
  }
  return nullptr;
}

}  // namespace

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);  // progress shows in a log file too
  if (char const* const missing = petra::missing_instructions(); missing != nullptr) {
    std::fprintf(stderr, "04_search: built for %s, which this machine lacks; build it here, or without -march=native\n",
                 missing);
    return 3;
  }
  try {
    auto const o = parse_options(argc, argv);
    if (o.help) return std::fputs(usage, stdout), 0;
    if (auto* const run = job_of(o.task); run != nullptr) return run(o);
    throw petra::setting_error("this program was built without --task " + std::string(name_of(o.task)) +
                               ": run examples/run.sh, which builds what it is asked for, or set PETRA_SEARCH_TASKS");
  } catch (std::bad_alloc const&) {
    std::fprintf(stderr, "04_search: out of memory\n");
  } catch (std::exception const& e) {
    std::fprintf(stderr, "04_search: %s\n", e.what());
  }
  return 1;
}
