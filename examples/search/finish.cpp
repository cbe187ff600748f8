// compile: 30 s, 2 GB
#include "finish.hpp"

#include <cstdio>

#include "../check_header.hpp"
#include "allowed_loss.hpp"
#include "petra/petra.hpp"

// How this program was compiled; the emitted header is compiled alike.
#if !defined(EXAMPLE_FLAGS)
#define EXAMPLE_FLAGS ""
#endif

template void petra::deploy::run<void>(petra::deploy::step const&, float const*, float*, std::byte*) noexcept;
template petra::deploy::program petra::deploy::compile<void>(petra::deploy::graph,
                                                             petra::deploy::lower_settings const&);

namespace job {

using namespace petra;

namespace {

std::string percent(double now, double before) {
  char text[32];
  std::snprintf(text, sizeof text, "%+.1f %%", 100 * (now / before - 1));
  return text;
}

// "quality 92.10 (baseline 92.45)": accuracies in percent, other metrics by their name.
std::string quality(report::front_report const& r, double now, double before) {
  char text[120];
  if (report::in_percent(r))
    std::snprintf(text, sizeof text, "quality %.2f (baseline %.2f)", 100 * now, 100 * before);
  else
    std::snprintf(text, sizeof text, "%s %.4g (baseline %.4g)", r.metric.c_str(), now, before);
  return text;
}

// Latency and throughput of the baseline and the front; quality on the test data. Returns the chosen model, which is
// measured as long as the baseline; null when none is good enough.
report::candidate* measure(options const& o, found& f, double measuring) {
  report::front_report& r = f.report;
  index_t const repeats = 5;  // of a throughput; the median counts
  // Everybody gets 5 x 1 s of throughput if there is time; else the baseline and the chosen model do, and the others what
  // is left.
  double const models = static_cast<double>(f.front.size() + 1);
  double const final_seconds = std::clamp(measuring / 35, 0.1, 1.0);
  double const share = std::max(measuring / 2, measuring - 2 * static_cast<double>(repeats) * final_seconds) / models;
  double const each = measuring * 0.8 / models / (static_cast<double>(repeats) + 0.5);
  bool const time_for_all = each >= final_seconds;
  deploy::throughput_settings throughput{
      .seconds = time_for_all ? final_seconds : std::clamp(share * 0.1, 0.02, final_seconds), .repeats = repeats};
  report::measure_front(r, *f.baseline, f.front, {.latency_seconds = share * 0.2, .throughput = throughput});
  r.baseline.quality_test = f.quality_on_test(*f.baseline);
  for (std::size_t i = 0; i < f.front.size(); ++i) r.front[i].quality_test = f.quality_on_test(*f.front[i]);
  report::candidate const* const best = report::choose(r, allowed_loss(o, r));
  if (best == nullptr) return nullptr;
  auto const at = static_cast<std::size_t>(best - r.front.data());
  r.chosen = best->id;
  throughput.seconds = final_seconds;
  if (!time_for_all) {
    report::candidate* const who[] = {&r.baseline, &r.front[at]};
    deploy::program const* const what[] = {f.baseline.get(), f.front[at].get()};
    report::measure_throughput(who, what, throughput);
  }
  return &r.front[at];
}

}  // namespace

int finish(options const& o, results_folder& results, found f, search::stop_flag const& stop,
           clock_type::time_point started, double reserved) {
  report::front_report& r = f.report;
  std::string const& out = results.path();
  r.hardware = report::hardware();
  r.flags = EXAMPLE_FLAGS;
  std::printf("measuring %zu models ...\n", f.front.size() + 1);
  report::candidate* const chosen = measure(o, f, stop.interrupted() ? 5 : std::max(reserved - 5, reserved / 2));

  // The winner as a header, compiled and run as a user would.
  std::string problem;
  if (chosen != nullptr) {
    auto const& program = *f.front[static_cast<std::size_t>(chosen - r.front.data())];
    write_file(out + "/model.hpp", deploy::emit(program, {.pipeline = chosen->pipeline, .samples = f.samples}));
    if (auto const compiler = find_compiler(); compiler && !stop.interrupted()) {
      auto const checked = check_header(out, *compiler, EXAMPLE_FLAGS, deploy::invented_inputs(program, 1));
      if (checked.matches) {
        chosen->emitted_latency_p50_ns = checked.latency_p50_ns;
        std::printf("%s/model.hpp: compiled alone, its outputs match, %.1f us\n", out.c_str(),
                    checked.latency_p50_ns / 1000);
      } else if (!stop.interrupted()) {  // Ctrl-C ends the compiler, too
        problem = out + "/model.hpp: " + checked.problem;
      }
    }
  }
  r.seconds = seconds_since(started);
  write_file(out + "/front.html", report::to_html(r));
  write_file(out + "/front.json", report::to_json(r).dump(1) + "\n");
  results.complete();
  std::printf("\n%s\n%s/front.html shows it.\n", report::to_terminal(r).c_str(), out.c_str());
  if (!problem.empty()) throw error(problem);
  if (chosen == nullptr) {
    char const* const why = !r.front.empty()     ? "none within --max-loss of the baseline"
                            : stop.interrupted() ? "interrupted before a candidate was ready"
                            : r.evaluations == 0 ? "no time was left for a candidate; allow more --seconds"
                                                 : "no candidate met the limits";
    std::printf("front: %zu models; no model.hpp: %s\n", r.front.size(), why);
    return 2;
  }
  auto const& b = r.baseline;
  std::printf("front: %zu models; model.hpp: %s, size %s, latency %s, throughput %s\n", r.front.size(),
              quality(r, *chosen->quality_test, *b.quality_test).c_str(),
              percent(static_cast<double>(chosen->size_bytes), static_cast<double>(b.size_bytes)).c_str(),
              percent(*chosen->latency_p50_ns, *b.latency_p50_ns).c_str(),
              percent(*chosen->throughput_per_s, *b.throughput_per_s).c_str());
  return 0;
}

}  // namespace job
