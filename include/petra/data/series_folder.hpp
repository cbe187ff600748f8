// A problem of the time series archives: the training part and the test part of one NAME.
//
// Recognized: NAME_TRAIN and NAME_TEST with .ts (classes or numbers to predict) or .tsv (classes), each plain or with
// .gz behind its name; plain wins if both are there. They are looked for in the folder NAME, or beside the path if it
// is not a folder: `JapaneseVowels` is that set, `JapaneseVowels/JapaneseVowels_eq` its variant of equal length.
// Properties: both parts share the classes, the length L (the longest series of both) and the normalization, which is
// fitted on the training part alone.
// Throws: io_error: files missing (it says which), or parts that do not belong together.
#pragma once
#include <sys/stat.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "petra/core/error.hpp"
#include "petra/data/sequences.hpp"
#include "petra/data/ts.hpp"
#include "petra/data/ucr_tsv.hpp"

namespace petra::inline PETRA_ABI::data {

struct series_folder {
  labeled_sequences train, test;
};
struct target_series_folder {
  target_sequences train, test;
};

namespace detail {

struct series_files {
  std::string train, test;
  bool is_ts = true;  // else .tsv
};

template <class = void>
[[gnu::cold]] series_files find_series(std::string path) {
  auto const kind = [](std::string const& p) {
    struct ::stat info {};
    return ::stat(p.c_str(), &info) != 0 ? 'n' : S_ISDIR(info.st_mode) ? 'd' : 'f';
  };
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  std::size_t const slash = path.rfind('/') + 1;  // 0 without one
  if (kind(path) == 'd') path += '/' + path.substr(slash);
  auto const find = [&](char const* part, char const* ending) -> std::string {
    std::string const name = path + part + ending;
    return kind(name) == 'f' ? name : kind(name + ".gz") == 'f' ? name + ".gz" : std::string();
  };
  series_files const ts{find("_TRAIN", ".ts"), find("_TEST", ".ts"), true};
  series_files const tsv{find("_TRAIN", ".tsv"), find("_TEST", ".tsv"), false};
  bool const has_ts = !ts.train.empty() && !ts.test.empty(), has_tsv = !tsv.train.empty() && !tsv.test.empty();
  if (has_ts && has_tsv)
    throw_error<io_error>({"'", path, "': expected .ts or .tsv files, found both; move one kind away"});
  if (!has_ts && !has_tsv) {
    bool const any_train = !ts.train.empty() || !tsv.train.empty(), any_test = !ts.test.empty() || !tsv.test.empty();
    throw_error<io_error>({"'", path, "': expected '", path,
                           "_TRAIN' and '_TEST', both with .ts or .tsv, or .gz behind it; found ",
                           (any_train && any_test ? "one of each kind"
                            : any_train           ? "no test part"
                            : any_test            ? "no training part"
                                                  : "neither")});
  }
  return has_ts ? ts : tsv;
}

// Length and normalization of both parts.
template <class = void>
[[gnu::cold]] void match_series(sequences& train, sequences& test, std::string const& path) {
  if (train.channels() != test.channels())
    throw_error<io_error>({"'", path, "': expected training and test series of as many channels, found ",
                           train.channels(), " and ", test.channels()});
  train.length = test.length = std::max(train.length, test.length);
  fit_columns(train);
  test.columns = train.columns;
}

// The classes of the test part get the numbers that they have in the training part.
template <class = void>
[[gnu::cold]] void match_classes(labeled_sequences const& train, labeled_sequences& test, std::string const& path) {
  std::vector<char> known(train.class_names.size());
  for (std::int32_t const c : train.y) known[static_cast<std::size_t>(c)] = true;
  for (std::int32_t& y : test.y) {
    std::string const& name = test.class_names[static_cast<std::size_t>(y)];
    auto const at = std::find(train.class_names.begin(), train.class_names.end(), name) - train.class_names.begin();
    if (at == static_cast<std::ptrdiff_t>(known.size()) || !known[static_cast<std::size_t>(at)])
      throw_error<io_error>({"'", path, "': expected every class of the test part in the training part, found no ",
                             shown(name), " there"});
    y = static_cast<std::int32_t>(at);
  }
  test.class_names = train.class_names;
  test.class_count = train.class_count;
}

}  // namespace detail

// Has this problem numbers to predict (load_target_series) instead of classes (load_series)?
template <class = void>
[[nodiscard, gnu::cold]] bool series_have_targets(std::string const& path) {
  detail::series_files const files = detail::find_series(path);
  return files.is_ts && ts_has_targets(files.train);
}

template <class = void>
[[nodiscard, gnu::cold]] series_folder load_series(std::string const& path) {
  detail::series_files const files = detail::find_series(path);
  auto const read = [&](std::string const& file) { return files.is_ts ? read_ts(file) : read_ucr_tsv(file); };
  series_folder loaded{read(files.train), read(files.test)};
  detail::match_series(loaded.train, loaded.test, path);
  detail::match_classes(loaded.train, loaded.test, path);
  return loaded;
}

// The numbers to predict are as they are in the file, not normalized.
template <class = void>
[[nodiscard, gnu::cold]] target_series_folder load_target_series(std::string const& path) {
  detail::series_files const files = detail::find_series(path);
  if (!files.is_ts)
    throw_error<io_error>({"'", path, "': expected .ts files with numbers to predict, found .tsv: see load_series"});
  target_series_folder loaded{read_ts_targets(files.train), read_ts_targets(files.test)};
  detail::match_series(loaded.train, loaded.test, path);
  return loaded;
}

}  // namespace petra::data
