#include "../../examples/results_folder.hpp"

#include <doctest/doctest.h>

#include <optional>

#include "../data/scratch_folder.hpp"

using namespace petra_test;

namespace {

bool is_there(std::string const& path) { return std::filesystem::exists(path); }

petra::search::journal_entry const entry{.id = 0, .genome = "g", .result = petra::search::failed("why")};

}  // namespace

TEST_CASE("results_folder: claimed by its journal, and gone again when nothing came of it") {
  scratch_folder const scratch;
  std::string const out = scratch.path() + "/a/b";
  {
    results_folder const r(out, {.seed = 5, .data_hash = 0, .space = "s"});
    CHECK(r.path() == out);
    CHECK(petra::search::read_journal(out + "/journal.jsonl").header.seed == 5);
    CHECK(says(io_message([&] { results_folder(out, {}); }), "b: holds another run (journal.jsonl)"));
    CHECK(is_there(out + "/journal.jsonl"));  // of the first
    petra::write_file(out + "/model.hpp", "half a result");
  }
  CHECK_FALSE(is_there(out));
}

TEST_CASE("results_folder: what it did not make stays") {
  scratch_folder const scratch;
  scratch.file("notes.txt", {'x'});
  { results_folder const r(scratch.path(), {}); }
  CHECK(is_there(scratch.path() + "/notes.txt"));
  CHECK_FALSE(is_there(scratch.path() + "/journal.jsonl"));
  std::string const out = scratch.path() + "/out";
  {
    results_folder const r(out, {});
    petra::write_file(out + "/costs.json", "measured");
  }
  CHECK(is_there(out + "/costs.json"));
  { results_folder const again(out, {}); }  // not taken for a run
}

TEST_CASE("results_folder: a recorded candidate stays, a result that was not completed does not") {
  scratch_folder const scratch;
  std::string const out = scratch.path() + "/out";
  {
    results_folder r(out, {});
    r.record(entry);
    for (char const* const name : {"/model.hpp", "/front.html", "/front.json"}) petra::write_file(out + name, "half");
  }
  CHECK(petra::search::read_journal(out + "/journal.jsonl").entries.size() == 1);
  for (char const* const name : {"/model.hpp", "/front.html", "/front.json"}) CHECK_FALSE(is_there(out + name));
}

TEST_CASE("results_folder: a completed run stays whole, and the folder is taken") {
  scratch_folder const scratch;
  std::string const out = scratch.path() + "/out";
  {
    results_folder r(out, {});
    petra::write_file(out + "/front.json", "{}");
    r.complete();
  }
  CHECK(is_there(out + "/front.json"));
  CHECK(is_there(out + "/journal.jsonl"));
  CHECK(says(io_message([&] { results_folder(out, {}); }), "holds another run (front.json)", "choose another --out"));
}

TEST_CASE("results_folder: without a name it takes the first that is free") {
  scratch_folder const scratch;
  auto const before = std::filesystem::current_path();
  std::filesystem::current_path(scratch.path());
  {
    results_folder const first("", {}), second("", {});
    CHECK(first.path() == "front");
    CHECK(second.path() == "front-2");
  }
  CHECK_FALSE(is_there("front"));
  std::filesystem::current_path(before);
}

TEST_CASE("results_folder: a place that cannot be written is an error and left alone") {
  scratch_folder const scratch;
  std::string const file = scratch.file("file", {'x'});
  CHECK(says(io_message([&] { results_folder(file, {}); }), "file: cannot be created: Not a directory"));
  CHECK(says(io_message([&] { results_folder(file + "/out", {}); }), "file/out: cannot be created"));
  CHECK(is_there(file));
}
