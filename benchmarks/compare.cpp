// Runs suites of benchmarks row by row and prints petra beside its best peer. Called by benchmarks/compare.
//
//   compare_suites [--json FILE] [--require-peers] [--rounds N] SUITE=PROGRAM...
//
// A row runs alone: all its arms but the reference, in N rounds whose order is shuffled, so that what drifts on the machine
// meets all of them. Times are medians of rounds; the ratio is the median of the ratios of single rounds, its spread their
// least and greatest. Rows of one thread are pinned to the last core.
#include <sched.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "petra/core/file.hpp"
#include "petra/core/json.hpp"
#include "petra/core/text.hpp"

namespace {

using petra::json;

struct options {
  std::string json_file;
  bool require_peers = false;
  int rounds = 7;
  std::vector<std::pair<std::string, std::string>> suites;  // name, program
};

struct work {
  std::string name, shape;
  int threads = 1;
  std::vector<std::string> arms;  // without the reference
};

// One arm's rounds.
struct arm_times {
  std::string unit = "us";
  std::vector<double> ns, rate, of_peak;
};

struct result {
  std::string suite, name, shape, unit, petra_arm, best_peer;
  int threads = 1;
  double petra = 0, peer = 0, ratio = 0, ratio_min = 0, ratio_max = 0, peak_fraction = 0;
};

double median(std::vector<double> v) {
  if (v.empty()) return 0;
  std::sort(v.begin(), v.end());
  return v.size() % 2 == 1 ? v[v.size() / 2] : (v[v.size() / 2 - 1] + v[v.size() / 2]) / 2;
}

// What a command prints. Throws: runtime_error when it fails.
std::string output_of(std::string const& command) {
  std::FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("compare: cannot run " + command);
  std::string out;
  std::array<char, 4096> buffer{};
  while (std::size_t const n = std::fread(buffer.data(), 1, buffer.size(), pipe)) out.append(buffer.data(), n);
  int const status = pclose(pipe);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    throw std::runtime_error("compare: expected success, found status " + std::to_string(status) + " of " + command);
  return out;
}

// Names of rows are literal text inside a filter.
std::string escaped(std::string const& s) {
  std::string out;
  for (char c : s) {
    if (std::string("\\^$.|?*+()[]{}").find(c) != std::string::npos) out += '\\';
    out += c;
  }
  return out;
}

// The arms of a program by row, in the order in which they were registered.
std::vector<work> rows_of(std::string const& program) {
  std::vector<work> rows;
  std::string const list = output_of("'" + program + "' --benchmark_list_tests");
  for (std::size_t at = 0, end; at < list.size(); at = end + 1) {
    end = std::min(list.find('\n', at), list.size());
    std::string line = list.substr(at, end - at);
    std::string const suffix = "/real_time";
    if (!line.ends_with(suffix)) continue;  // no row of arms
    line.resize(line.size() - suffix.size());
    std::size_t const first = line.find('/'), last = line.rfind('/');
    if (first == std::string::npos || last == first) continue;
    work w{line.substr(0, first), line.substr(first + 1, last - first - 1), 1, {}};
    std::string const arm = line.substr(last + 1);
    if (std::size_t const t = w.shape.rfind('@'); t != std::string::npos) {
      w.threads = std::atoi(w.shape.c_str() + t + 1);
      w.shape.resize(t);
    }
    auto const same = std::find_if(rows.begin(), rows.end(), [&](work const& r) {
      return r.name == w.name && r.shape == w.shape && r.threads == w.threads;
    });
    work& r = same == rows.end() ? rows.emplace_back(w) : *same;
    if (arm != "reference") r.arms.push_back(arm);
  }
  return rows;
}

void choose_cores(int threads) {
  cpu_set_t set;
  CPU_ZERO(&set);
  int const cores = static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
  for (int c = threads == 1 ? cores - 1 : 0; c < cores; ++c) CPU_SET(c, &set);
  sched_setaffinity(0, sizeof set, &set);
  std::string const n = std::to_string(threads);
  for (char const* name : {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"}) setenv(name, n.c_str(), 1);
#ifdef __AVX512F__                // otherwise benchmarks/compare has set it to what this build may use
  unsetenv("OPENBLAS_CORETYPE");  // a shell may choose slower kernels by it
#endif
  if (threads > 1) {
    setenv("OMP_PROC_BIND", "true", 1);
    setenv("OMP_PLACES", "cores", 1);
  } else {
    unsetenv("OMP_PROC_BIND"), unsetenv("OMP_PLACES");
  }
}

// Arms in rounds. Throws: runtime_error when an arm fails: a wrong result is no time.
std::map<std::string, arm_times> measure(std::string const& program, work const& w, int rounds) {
  choose_cores(w.threads);
  std::string const path =
      w.name + "/" + w.shape + (w.threads > 1 ? "@" + std::to_string(w.threads) : std::string()) + "/";
  std::string arms;
  for (std::string const& a : w.arms) arms += (arms.empty() ? "" : "|") + escaped(a);
  std::string const out =
      output_of("'" + program + "' --benchmark_format=json --benchmark_min_time=0.01" +
                " --benchmark_enable_random_interleaving=true --benchmark_repetitions=" + std::to_string(rounds) +
                " '--benchmark_filter=^" + escaped(path) + "(" + arms + ")/real_time$' 2>/dev/null");
  std::map<std::string, arm_times> times;
  json const parsed = json::parse(out, program);
  for (json const& b : parsed.at("benchmarks").as_array()) {
    if (b.at("run_type").as_string() != "iteration") continue;
    std::string const& name = b.at("name").as_string();
    std::string const arm = name.substr(path.size(), name.find('/', path.size()) - path.size());
    if (json const* e = b.find("error_occurred"); e != nullptr && e->as_bool())
      throw std::runtime_error("compare: " + path + arm + ": " + b.at("error_message").as_string());
    arm_times& t = times[arm];
    auto const round = static_cast<std::size_t>(b.at("repetition_index").as_int());
    for (auto* v : {&t.ns, &t.rate, &t.of_peak}) v->resize(std::max(v->size(), round + 1));
    t.ns[round] = b.at("real_time").as_double() * 1e3;  // arms report us
    for (char const* unit : {"GFLOP/s", "GOP/s"})
      if (json const* r = b.find(unit)) t.rate[round] = r->as_double(), t.unit = unit;
    if (json const* r = b.find("of_peak")) t.of_peak[round] = r->as_double();
    for (auto const& member : b.as_object())
      if (member.key.starts_with("recorded:")) {
        arm_times& p = times[member.key.substr(9) + " (recorded)"];
        for (auto* v : {&p.ns, &p.rate, &p.of_peak}) v->resize(std::max(v->size(), round + 1));
        p.ns[round] = member.value.as_double();
        p.rate[round] = t.rate[round] * t.ns[round] / p.ns[round];
      }
  }
  return times;
}

// Whether an arm is what the row is about: petra's, but not its dense kernel beside a compressed one.
bool is_petra(std::string const& arm) { return arm.starts_with("petra") && !arm.starts_with("petra_dense"); }

result judge(std::string const& suite, work const& w, std::map<std::string, arm_times> const& times) {
  result r{suite, w.name, w.shape, "us", "", "", w.threads};
  auto const fastest = [&](bool petra) {
    std::string best;
    for (auto const& [arm, t] : times)
      if (is_petra(arm) == petra && (best.empty() || median(t.ns) < median(times.at(best).ns))) best = arm;
    return best;
  };
  r.petra_arm = fastest(true), r.best_peer = fastest(false);
  if (r.petra_arm.empty())
    throw std::runtime_error("compare: " + w.name + "/" + w.shape + ": expected an arm of petra");
  arm_times const& p = times.at(r.petra_arm);
  bool const rates = median(p.rate) > 0 && median(p.of_peak) > 0;
  if (rates) r.unit = p.unit;
  r.petra = rates ? median(p.rate) : median(p.ns) / 1e3;
  r.peak_fraction = median(p.of_peak);
  if (r.best_peer.empty()) return r;
  arm_times const& q = times.at(r.best_peer);
  r.peer = rates ? median(q.rate) : median(q.ns) / 1e3;
  std::vector<double> ratios;
  for (std::size_t i = 0; i < std::min(p.ns.size(), q.ns.size()); ++i) ratios.push_back(q.ns[i] / p.ns[i]);
  r.ratio = median(ratios);
  r.ratio_min = *std::min_element(ratios.begin(), ratios.end());
  r.ratio_max = *std::max_element(ratios.begin(), ratios.end());
  return r;
}

json as_json(result const& r) {
  bool const peer = !r.best_peer.empty();
  auto const known = [&](double v) { return peer ? json(v) : json(); };
  return json::object{{"suite", r.suite},
                      {"name", r.name},
                      {"shape", r.shape},
                      {"threads", r.threads},
                      {"unit", r.unit},
                      {"petra", r.petra},
                      {"petra_arm", r.petra_arm},
                      {"peer", known(r.peer)},
                      {"best_peer", peer ? json(r.best_peer) : json()},
                      {"ratio", known(r.ratio)},
                      {"ratio_min", known(r.ratio_min)},
                      {"ratio_max", known(r.ratio_max)},
                      {"peak_fraction", r.peak_fraction > 0 ? json(r.peak_fraction) : json()}};
}

void print(result const& r) {
  std::string const shape = r.shape + (r.threads > 1 ? ", " + std::to_string(r.threads) + " threads" : std::string());
  std::printf("| %s | %s | %.4g %s (%s) | ", r.name.c_str(), shape.c_str(), r.petra, r.unit.c_str(),
              r.petra_arm.c_str());
  if (r.best_peer.empty())
    std::printf("- | - | ");
  else
    std::printf("%.4g (%s) | %.2f (%.2f to %.2f) | ", r.peer, r.best_peer.c_str(), r.ratio, r.ratio_min, r.ratio_max);
  if (r.peak_fraction > 0)
    std::printf("%.0f %% |\n", 100 * r.peak_fraction);
  else
    std::printf("- |\n");
  std::fflush(stdout);
}

// Throws: runtime_error naming what is missing.
void expect_peers() {
  std::string missing;
#if !BENCH_ONEDNN
  missing += " libdnnl-dev";
#endif
#if !BENCH_OPENBLAS
  missing += " libopenblas-dev";
#endif
#if !BENCH_LIBXSMM
  missing += " libxsmm-dev";
#endif
#if !BENCH_XNNPACK
  missing += " libxnnpack-dev libpthreadpool-dev";
#endif
  if (!missing.empty())
    throw std::runtime_error("compare: expected all peers, found none of (Debian's packages):" + missing +
                             "; install them, or leave out --require-peers");
}

options parse(int argc, char** argv) {
  options o;
  for (int i = 1; i < argc; ++i) {
    std::string const a = argv[i];
    auto const value = [&] {
      if (i + 1 == argc) throw std::runtime_error("compare: expected a value after " + a + ", found the end");
      return std::string(argv[++i]);
    };
    if (a == "--json") {
      o.json_file = value();
    } else if (a == "--require-peers") {
      o.require_peers = true;
    } else if (a == "--rounds") {
      o.rounds = std::atoi(value().c_str());
      if (o.rounds < 1) throw std::runtime_error("compare: expected at least 1 round, found " + std::string(argv[i]));
    } else if (std::size_t const at = a.find('='); at != std::string::npos && !a.starts_with("-")) {
      o.suites.emplace_back(a.substr(0, at), a.substr(at + 1));
    } else {
      throw std::runtime_error("compare: expected --json FILE, --require-peers, --rounds N or SUITE=PROGRAM, found " +
                               a);
    }
  }
  return o;
}

int run(options const& o) {
  if (o.require_peers) expect_peers();
  std::printf(
      "| work | shape | petra | best peer | ratio (least to greatest) | of peak |\n|---|---|---|---|---|---|\n");
  json::array all;
  int failed = 0;
  for (auto const& [suite, program] : o.suites)
    for (work const& w : rows_of(program)) {
      try {
        result const r = judge(suite, w, measure(program, w, o.rounds));
        print(r);
        all.push_back(as_json(r));
      } catch (std::exception const& e) {
        std::fprintf(stderr, "%s\n", e.what());
        ++failed;
      }
    }
  if (!o.json_file.empty()) petra::write_file(o.json_file, json(all).dump(2) + "\n");
  if (failed > 0) std::fprintf(stderr, "compare: %d rows failed\n", failed);
  return failed > 0 ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(parse(argc, argv));
  } catch (std::exception const& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 2;
  }
}
