// Labeled texts, as words and as bytes.
#include "fuzz.hpp"
#include "petra/data/text.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace petra::data;
  std::string const path = petra_test::fuzz_file(data, size, ".tsv");
  return petra_test::reads_or_says_why([&] {
    for (text_unit const unit : {text_unit::word, text_unit::byte}) {
      text_schema schema;
      labeled_sequences const set =
          fit_text(path, {.unit = unit, .words = {.digits = false}, .least_count = 1}, schema);
      for (petra::index_t i = 0; i < set.size(); ++i)
        if (set.steps(i) < 1 || set.label(i) < 0 || set.label(i) >= set.classes()) std::abort();
      for (float const id : set.x)
        if (id < 1 || id >= static_cast<float>(set.columns[0].ids)) std::abort();
    }
  });
}
