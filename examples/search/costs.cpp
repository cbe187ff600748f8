// compile: 30 s, 2 GB
#include "costs.hpp"

#include <cstdio>
#include <filesystem>

#include "petra/petra.hpp"

namespace job {

using namespace petra;

deploy::cost_table costs(std::string const& file, std::span<deploy::program const> open,
                         std::span<deploy::program const> others) {
  std::vector<deploy::cost_key> calls;
  for (deploy::program const& p : open)
    for (deploy::cost_key const& k : deploy::reachable_keys(p)) calls.push_back(k);
  deploy::cost_table table;
  // What is missing is said now, not after a training.
  auto const ask = [&] {
    for (deploy::cost_key const& k : calls)
      if (k.kind != deploy::kernel_kind::own) static_cast<void>(table.ns(k));
    for (auto const& programs : {open, others})
      for (deploy::program const& p : programs) static_cast<void>(table.latency_ns(p));
  };
  if (std::filesystem::exists(file)) {
    table = deploy::load_costs(file);
    try {
      ask();
    } catch (setting_error const& e) {
      throw_error<io_error>({file, ": ", e.what()});
    }
    std::printf("costs: %s, %zu entries for %s\n", file.c_str(), table.entries().size(),
                table.instruction_set().c_str());
    return table;
  }
  std::printf("costs: measuring ...");
  std::fflush(stdout);
  deploy::measure_missing(table, {calls.data(), calls.size()});
  for (auto const& programs : {open, others})
    for (deploy::program const& p : programs) deploy::measure_own(table, p, {});
  ask();
  deploy::save_costs(table, file);
  std::printf(" %zu entries in %s\n", table.entries().size(), file.c_str());
  return table;
}

}  // namespace job
