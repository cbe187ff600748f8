// Events and labels of clients: the input is both files, apart by a line of three dashes.
#include <cmath>
#include <string_view>

#include "fuzz.hpp"
#include "petra/data/events.hpp"

namespace {

using namespace petra::data;

// What was read can be trained on: answers and ids in their range, numbers finite.
template <class Set>
void require_sound(Set const& set) {
  std::vector<float> x(static_cast<std::size_t>(set.sample_shape().count()));
  for (petra::index_t i = 0; i < set.size(); ++i) {
    if constexpr (labeled<Set>)
      if (set.label(i) < 0 || set.label(i) >= set.classes()) std::abort();
    if (set.steps(i) < 1) std::abort();
  }
  std::size_t column = 0;
  for (float const v : set.x) {
    auto const ids = static_cast<float>(set.columns[column++ % set.columns.size()].ids);
    if (!std::isfinite(v) || (ids > 0 && (v < 1 || v >= ids))) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view const all(reinterpret_cast<char const*>(data), size), apart = "\n---\n";
  std::size_t const at = std::min(all.find(apart), size), second = std::min(at + apart.size(), size);
  std::string const events = petra_test::fuzz_file(data, std::min(at + 1, size), ".events");
  std::string const labels = petra_test::fuzz_file(data + second, size - second, ".labels");
  event_schema schema;
  petra_test::reads_or_says_why([&] {
    require_sound(fit_events<labeled_sequences>(events, labels, {}, schema));
    // What was fitted reads its own files again.
    require_sound(read_events<labeled_sequences>(events, labels, schema));
  });
  return petra_test::reads_or_says_why(
      [&] { require_sound(fit_events<target_sequences>(events, labels, {.drop_incomplete = true}, schema)); });
}
