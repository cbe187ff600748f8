// The folder that a run writes to. It is claimed before anything takes time, so that a run which cannot write fails at
// once and two runs never mix; a run that ends without a result leaves no trace in it but the cost table.
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "petra/search/journal.hpp"

class results_folder {
 public:
  // `name` "": front, or front-2 ... where that holds a run.
  // Throws: io_error when it holds another run or cannot be written.
  [[gnu::cold]] results_folder(std::string const& name, petra::search::journal_header const& header)
      : path_(name.empty() ? "front" : name) {
    if (name.empty())
      for (int i = 2; !found().empty(); ++i) path_ = "front-" + std::to_string(i);
    if (!found().empty())
      petra::throw_error<petra::io_error>(
          {path_, ": holds another run (", found(), "); choose another --out, or delete its results"});
    std::error_code failed;
    created_ = std::filesystem::create_directories(path_, failed);
    if (failed) petra::throw_error<petra::io_error>({path_, ": cannot be created: ", failed.message()});
    try {
      journal_.emplace(petra::search::journal::create(in(journal_name), header));
    } catch (...) {
      remove_if_empty();
      throw;
    }
  }
  results_folder(results_folder const&) = delete;
  results_folder& operator=(results_folder const&) = delete;
  [[gnu::cold]] ~results_folder() {
    if (complete_) return;
    std::error_code ignored;
    for (std::string_view const name : results)
      if (recorded_ == 0 || name != journal_name) std::filesystem::remove(in(name), ignored);
    remove_if_empty();
  }

  [[nodiscard]] std::string const& path() const { return path_; }
  // One evaluated candidate. From the first on, the journal stays whatever happens.
  void record(petra::search::journal_entry const& e) {
    journal_->append(e);
    ++recorded_;
  }
  // Everything is written: it stays.
  void complete() { complete_ = true; }

 private:
  static constexpr std::string_view journal_name = "journal.jsonl";
  static constexpr std::string_view results[] = {"front.json", "front.html", "model.hpp", journal_name};

  [[nodiscard]] std::string in(std::string_view name) const { return petra::concat({path_, "/", name}); }
  // The name of a result that is there already, or "".
  [[nodiscard]] std::string_view found() const {
    std::error_code ignored;
    for (std::string_view const name : results)
      if (std::filesystem::exists(in(name), ignored)) return name;
    return "";
  }
  void remove_if_empty() const {
    std::error_code ignored;
    if (created_) std::filesystem::remove(path_, ignored);
  }

  std::string path_;
  std::optional<petra::search::journal> journal_;
  petra::index_t recorded_ = 0;
  bool created_ = false, complete_ = false;
};
