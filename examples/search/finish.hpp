// The end of a run: the front is measured, one model becomes a header, and everything is written.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "../options.hpp"
#include "../results_folder.hpp"
#include "petra/deploy/program.hpp"
#include "petra/report/front.hpp"
#include "petra/search/budget.hpp"

namespace job {

using clock_type = std::chrono::steady_clock;
inline double seconds_since(clock_type::time_point t) {
  return std::chrono::duration<double>(clock_type::now() - t).count();
}

// What a search left.
struct found {
  petra::report::front_report report{};
  std::shared_ptr<petra::deploy::program const> baseline{};
  std::vector<std::shared_ptr<petra::deploy::program const>> front{};  // in the order of report.front
  std::function<double(petra::deploy::program const&)>
      quality_on_test{};         // the test data are touched here, nowhere else
  std::vector<float> samples{};  // three, for the header's self test
};

// reserved: seconds for all of this. Returns the exit code; throws: error when the header is not what it should be.
int finish(options const& o, results_folder& results, found f, petra::search::stop_flag const& stop,
           clock_type::time_point started, double reserved);

}  // namespace job
