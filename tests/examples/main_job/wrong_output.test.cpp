// A place for the results or a cost table that cannot be used: one line, exit code 1, and nothing half-written.
#include <string>
#include <vector>

#include "run.hpp"
#include "sample_inputs.hpp"

using namespace petra_test;

namespace {

std::string refusal(sample_inputs const& in, std::vector<std::string> const& more, surroundings const& s = {}) {
  auto const run = run_search(in.options(more), s);
  CHECK(run.code == 1);
  return run.refusal();
}

}  // namespace

TEST_CASE("04_search: a folder that cannot be made or written is refused before any work") {
  sample_inputs const in;
  std::string const file = in.folder.file("a_file", {1});
  CHECK(says(refusal(in, {"--out", file}), "a_file", "Not a directory"));
  CHECK(says(refusal(in, {"--out", file + "/out"}), "a_file/out", "Not a directory"));
  CHECK(says(refusal(in, {"--out", "/proc/petra"}), "/proc/petra", "cannot be created"));
  CHECK(says(refusal(in, {"--out", "/proc/self"}), "/proc/self/journal.jsonl", "cannot open"));
  if (::geteuid() != 0) {  // root may write anywhere
    std::filesystem::create_directory(in.out);
    std::filesystem::permissions(in.out, std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
    CHECK(says(refusal(in, {}), "cannot open", "Permission denied"));
  }
}

TEST_CASE("04_search: a folder that holds another run is left alone") {
  for (std::string const name : {"front.json", "front.html", "model.hpp", "journal.jsonl"}) {
    sample_inputs const in;
    std::filesystem::create_directory(in.out);
    petra::write_file(in.out + "/" + name, "mine");
    CHECK(says(refusal(in, {}), "out: holds another run (" + name + "); choose another --out"));
    CHECK(in.left_behind() == name + " ");
    CHECK(petra::read_file(in.out + "/" + name) == "mine");
  }
}

TEST_CASE("04_search: a malformed cost table is refused before the training, with file and place") {
  sample_inputs const in;
  std::string const good = petra::read_file(in.costs);
  auto const with = [&](std::string const& text) {
    petra::write_file(in.costs, text);
    auto const run = run_search(in.options({"--evaluations", "1"}));
    CHECK(run.code == 1);
    CHECK(run.out.find("training the baseline") == std::string::npos);
    CHECK(in.left_behind() == "nothing");
    return run.refusal();
  };
  auto const replaced = [&](std::string const& from, std::string const& to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  CHECK(says(with(""), "sample_costs.json:1:1: expected", "end of the text"));
  CHECK(says(with(good.substr(0, 500)), "sample_costs.json:1:501: expected"));
  CHECK(says(with("[]"), "sample_costs.json"));
  CHECK(says(with(replaced("petra costs 1", "petra costs 9")), "sample_costs.json", "petra costs 9"));
  CHECK(says(with(replaced("200", "-200")), "sample_costs.json", "ns above 0"));
  CHECK(says(with(replaced("conv2d_f32", "conv9d_f32")), "sample_costs.json", "'conv9d_f32'"));
  // Whole, but without the kernels that are needed.
  CHECK(says(with(R"({"format":"petra costs 1","instruction_set":"none","entries":[]})"), "sample_costs.json",
             "expected an entry for"));
  CHECK(says(refusal(in, {"--costs", in.folder.path()}), "Is a directory"));
}

TEST_CASE("04_search: a full disk ends the run with a reason, and half a result is removed") {
  sample_inputs const in;
  auto const full = [&](rlim_t bytes, std::vector<std::string> const& more) {
    return refusal(in, more, {.most_file_bytes = bytes, .has_compiler = false});
  };
  std::vector<std::string> const small{"--evaluations", "2", "--seconds", "20", "--max-loss", "100"};
  SUBCASE("at once") {
    CHECK(says(full(20, small), "journal.jsonl", "File too large"));
    CHECK(in.left_behind() == "nothing");
  }
  SUBCASE("at the cost table") {
    CHECK(says(full(4096, {"--costs", in.out + "/costs.json"}), "costs.json", "File too large"));
    CHECK(in.left_behind() == "nothing");
  }
  SUBCASE("at the first candidate") {
    CHECK(says(full(200, small), "journal.jsonl", "File too large"));
    CHECK(in.left_behind() == "nothing");
  }
  SUBCASE("at the model: what was evaluated stays recorded") {
    CHECK(says(full(8192, small), "model.hpp", "File too large"));
    CHECK(in.left_behind() == "journal.jsonl ");
  }
}
