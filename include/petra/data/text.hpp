// Reader for labeled texts: lines of a label, a tab and a text, without a header; plain or gzip. A text becomes a sequence
// of ids, one categorical column: words of a vocabulary, or bytes.
//
//     auto const sst2 = load_text("sst2", {.length = 64});
//
// Properties: the vocabulary, the classes and the length are fitted on the training part. A text without a word is one
// unknown word, so no sequence is empty.
// Throws: io_error naming file and line: no tab, more than one, not UTF-8, a class that the training part does not have.
// Cost: about 30 MB a second for a training part, which is read twice, 60 for others.
#pragma once
#include <unistd.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "petra/data/class_names.hpp"
#include "petra/data/lines.hpp"
#include "petra/data/sequences.hpp"
#include "petra/data/utf8.hpp"
#include "petra/data/vocabulary.hpp"
#include "petra/data/words.hpp"

namespace petra::inline PETRA_ABI::data {

enum class text_unit { word, byte };

struct text_settings {
  text_unit unit = text_unit::word;
  word_settings words{};
  index_t most_words = 20'000;  // of the vocabulary, the most frequent
  index_t least_count = 2;      // a word that comes more seldom in the training part is unknown
  index_t length = 0;           // L; 0: the longest text of the training part
  bool keep_last = false;       // of a longer text; false: its beginning
};

// What the training part says about all parts.
struct text_schema {
  text_settings settings;
  vocabulary words;      // empty for bytes
  string_table classes;  // class c at place c
  index_t length = 0;

  [[nodiscard]] column as_column() const {
    return settings.unit == text_unit::byte ? column{.name = "byte", .ids = 256 + vocabulary::first}
                                            : column{.name = "word", .ids = words.ids()};
  }
  // Appends the ids of a text, at least one. Pre: UTF-8.
  [[gnu::cold]] void append_ids(std::string_view text, std::vector<float>& ids) const {
    std::size_t const before = ids.size();
    if (settings.unit == text_unit::byte)
      for (char const c : text) ids.push_back(static_cast<float>(static_cast<unsigned char>(c) + vocabulary::first));
    else
      for_each_word(text, settings.words,
                    [&](std::string_view word) { ids.push_back(static_cast<float>(words.id(word))); });
    if (ids.size() == before) ids.push_back(static_cast<float>(vocabulary::unknown));
  }
};

struct text_folder {
  labeled_sequences train, dev, test;  // dev is empty without a dev.tsv
  text_schema schema;
};

namespace detail {

// f(reader, label, text) for every line. Throws: io_error.
template <class F>
[[gnu::cold]] void for_each_text(std::string const& path, F&& f) {
  line_reader lines(path);
  for (std::string_view line; lines.next(line);) {
    if (std::size_t const valid = utf8_prefix(line); valid < line.size())
      lines.fail({"UTF-8"}, {"byte ", static_cast<int>(static_cast<unsigned char>(line[valid])), " as number ",
                             valid + 1, " of the line; save the file as UTF-8"});
    std::size_t const tab = line.find('\t');
    if (tab == line.npos || tab == 0) lines.fail({"a label, a tab and a text"}, {tab == 0 ? "no label" : "no tab"});
    if (line.find('\t', tab + 1) != line.npos) lines.fail({"one tab, behind the label"}, {"a second one"});
    f(lines, line.substr(0, tab), line.substr(tab + 1));
  }
}

}  // namespace detail

// Texts in a schema that was fitted before.
[[nodiscard, gnu::cold]] inline labeled_sequences read_text(std::string const& path, text_schema const& schema) {
  labeled_sequences set;
  set.columns = {schema.as_column()};
  set.length = schema.length;
  set.keep_last = schema.settings.keep_last;
  set.class_count = schema.classes.size();
  set.class_names = schema.classes.all();
  set.start.push_back(0);
  detail::for_each_text(path, [&](line_reader const& lines, std::string_view label, std::string_view text) {
    index_t const c = schema.classes.find(label);
    if (c < 0) lines.fail({"one of the ", schema.classes.size(), " labels of the training part"}, {shown(label)});
    set.y.push_back(static_cast<std::int32_t>(c));
    schema.append_ids(text, set.x);
    set.start.push_back(static_cast<index_t>(set.x.size()));
  });
  if (set.size() == 0) throw_error<io_error>({"'", path, "': expected at least one line, found none"});
  return set;
}

// A training part: fits the schema as well. Throws: also setting_error.
[[nodiscard, gnu::cold]] inline labeled_sequences fit_text(std::string const& path, text_settings const& s,
                                                           text_schema& schema) {
  if (s.length < 0 || s.most_words < 1 || s.most_words > 1'000'000 || s.least_count < 1)
    throw_error<setting_error>(
        {"text_settings: length must be >= 0, most_words in [1, 1000000], least_count >= 1, found ", s.length, ", ",
         s.most_words, " and ", s.least_count});
  string_table labels;
  value_counts words;
  detail::for_each_text(path, [&](line_reader const& lines, std::string_view label, std::string_view text) {
    if (labels.insert(label) >= most_classes)
      lines.fail({"at most ", most_classes, " different labels"}, {"one more; is the label first, then a tab?"});
    if (s.unit == text_unit::word) for_each_word(text, s.words, [&](std::string_view word) { words.add(word); });
  });
  schema = {s, words.most_frequent(s.most_words, s.least_count), number_classes(labels), s.length};
  labeled_sequences set = read_text(path, schema);
  if (schema.length == 0)
    for (index_t i = 0; i < set.size(); ++i) schema.length = std::max(schema.length, set.steps(i));
  set.length = schema.length;
  return set;
}

// A folder with train.tsv, test.tsv and perhaps dev.tsv, each plain or with .gz behind its name (plain wins).
[[nodiscard, gnu::cold]] inline text_folder load_text(std::string const& folder, text_settings const& s = {}) {
  auto const find = [&](char const* name) -> std::string {
    std::string const plain = concat({folder, "/", name}), packed = plain + ".gz";
    return ::access(plain.c_str(), F_OK) == 0 ? plain : ::access(packed.c_str(), F_OK) == 0 ? packed : std::string();
  };
  std::string const train = find("train.tsv"), dev = find("dev.tsv"), test = find("test.tsv");
  if (train.empty() || test.empty())
    throw_error<io_error>({"the folder '", folder, "': expected train.tsv and test.tsv (or with .gz), found no ",
                           (train.empty() ? "train.tsv" : "test.tsv")});
  text_folder loaded;
  loaded.train = fit_text(train, s, loaded.schema);
  if (!dev.empty()) loaded.dev = read_text(dev, loaded.schema);
  loaded.test = read_text(test, loaded.schema);
  return loaded;
}

// Numbers that texts share if and only if they read the same (N): for split_by_group, so that no text is in both parts.
[[nodiscard, gnu::cold]] inline std::vector<index_t> same_text(labeled_sequences const& set) {
  string_table seen;
  std::vector<index_t> group;
  for (index_t i = 0; i < set.size(); ++i) {
    auto const* const from = reinterpret_cast<char const*>(set.x.data() + set.start[static_cast<std::size_t>(i)]);
    group.push_back(seen.insert({from, static_cast<std::size_t>(set.steps(i)) * sizeof(float)}));
  }
  return group;
}

}  // namespace petra::data
