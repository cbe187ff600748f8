#include "petra/data/text.hpp"

#include <doctest/doctest.h>

#include "malformed.hpp"
#include "petra/data/split.hpp"

using namespace petra_test;
using namespace petra::data;
using petra::index_t;
using strings = std::vector<std::string>;

namespace {

char const* const mails = "ham\tgood day, good friend\r\nspam\tWin a day!\nham\tgood\nspam\t\n";

labeled_sequences fitted_text(std::string const& path, text_settings const& s, text_schema& schema) {
  return fit_text(path, s, schema);
}
std::string text_error(std::string_view content, text_settings const& s = {}) {
  scratch_folder const folder;
  return io_message([&] {
    text_schema schema;
    static_cast<void>(fitted_text(folder.file("t.tsv", as_bytes(content)), s, schema));
  });
}

}  // namespace

TEST_CASE("text: words of a vocabulary, seldom ones unknown, an empty text is one unknown word") {
  scratch_folder const folder;
  text_schema schema;
  auto const set = fitted_text(folder.file("t.tsv", as_bytes(mails)), {}, schema);
  CHECK(schema.words.values.all() == strings{"good", "day"});
  CHECK(set.columns[0] == column{.name = "word", .ids = 4});
  CHECK(set.x == std::vector<float>{2, 3, 1, 2, 1, 1, 1, 3, 1, 2, 1});
  CHECK(set.start == std::vector<index_t>{0, 5, 9, 10, 11});
  CHECK(set.y == std::vector<std::int32_t>{0, 1, 0, 1});
  CHECK(set.class_names == strings{"ham", "spam"});
  CHECK(set.length == 5);
  CHECK_FALSE(set.keep_last);
  CHECK(same_text(set) == std::vector<index_t>{0, 1, 2, 3});
  auto const few =
      fitted_text(folder.file("t.tsv", as_bytes(mails)), {.most_words = 1, .least_count = 1, .length = 2}, schema);
  CHECK(few.columns[0].ids == 3);
  CHECK(few.length == 2);
  std::vector<float> x(2);
  few.read(0, x.data());
  CHECK(x == std::vector<float>{2, 1});
}

TEST_CASE("text: bytes") {
  scratch_folder const folder;
  text_schema schema;
  auto const set =
      fitted_text(folder.file("t.tsv", gzip(as_bytes("1\tAb \n0\t\u00fc\n"))), {.unit = text_unit::byte}, schema);
  CHECK(set.columns[0] == column{.name = "byte", .ids = 258});
  CHECK(set.x == std::vector<float>{67, 100, 34, 0xc3 + 2, 0xbc + 2});
  CHECK(set.y == std::vector<std::int32_t>{1, 0});
}

TEST_CASE("text: texts that read the same are one group") {
  scratch_folder const folder;
  text_schema schema;
  auto const set = fitted_text(folder.file("t.tsv", as_bytes("0\ta a\n0\ta\n1\tA  a\n1\tb\n0\ta\n")), {}, schema);
  auto const group = same_text(set);
  CHECK(group == std::vector<index_t>{0, 1, 0, 2, 1});
  auto const parts = split_by_group(set, std::span<index_t const>(group.data(), group.size()), 0.4, 1);
  CHECK(parts.valid.size() == 2);
}

TEST_CASE("text: a folder; the vocabulary is that of the training part") {
  scratch_folder const folder;
  folder.file("train.tsv", as_bytes(mails));
  folder.file("test.tsv.gz", gzip(as_bytes("spam\ta day to win\n")));
  auto loaded = load_text(folder.path());
  CHECK(loaded.dev.size() == 0);
  CHECK(loaded.test.x == std::vector<float>{1, 3, 1, 1});
  CHECK(loaded.test.y == std::vector<std::int32_t>{1});
  CHECK(loaded.test.length == loaded.train.length);
  CHECK(loaded.test.columns == loaded.train.columns);
  folder.file("dev.tsv", as_bytes("ham\tgood\n"));
  CHECK(load_text(folder.path()).dev.size() == 1);
  folder.file("dev.tsv", as_bytes("eggs\tgood\n"));
  CHECK(says(io_message([&] { static_cast<void>(load_text(folder.path())); }),
             "dev.tsv' line 1: expected one of the 2 labels of the training part, found 'eggs'"));
  folder.remove("test.tsv.gz");
  CHECK(says(io_message([&] { static_cast<void>(load_text(folder.path())); }),
             "expected train.tsv and test.tsv (or with .gz), found no test.tsv"));
}

TEST_CASE("text: errors name file and line") {
  CHECK(says(text_error("0\ta\n1 b\n"), "t.tsv' line 2: expected a label, a tab and a text, found no tab"));
  CHECK(says(text_error("\ta\n"), "line 1: expected a label, a tab and a text, found no label"));
  CHECK(says(text_error("0\ta\tb\n"), "line 1: expected one tab, behind the label, found a second one"));
  CHECK(says(text_error("0\ta\n0\tgr\xfc\xdf\n"), "line 2: expected UTF-8, found byte 252 as number 5 of the line"));
  CHECK(says(text_error("0\ta\n\n"), "line 2: expected a label, a tab and a text, found no tab"));
  CHECK(says(text_error(""), "is empty"));
  std::string many;
  for (int i = 0; i <= 10000; ++i) many += std::to_string(i) + "\ta\n";
  CHECK(says(text_error(many), "line 10001: expected at most 10000 different labels, found one more"));
  for (text_settings const& s : {text_settings{.most_words = 0}, {.least_count = 0}, {.length = -1}})
    CHECK(says(thrown<petra::setting_error>([&] {
                 scratch_folder const folder;
                 text_schema schema;
                 static_cast<void>(fitted_text(folder.file("t.tsv", as_bytes(mails)), s, schema));
               }),
               "text_settings: length must be >= 0, most_words in [1, 1000000], least_count >= 1, found "));
}

TEST_CASE("text: damaged files are read validly or name themselves") {
  std::string content;
  for (int i = 0; i < 60; ++i)
    content += std::string(i % 2 == 0 ? "good" : "bad") + "\tcr\u00e8me br\u00fbl\u00e9e no. " + std::to_string(i) +
               " \U0001f600\n";
  for (text_unit const unit : {text_unit::word, text_unit::byte})
    CHECK(read_damaged(as_bytes(content), [&](std::string const& path) {
            text_schema schema;
            auto const set = fitted_text(path, {.unit = unit}, schema);
            bool sound = set.size() >= 1 && set.length >= 1;
            for (index_t i = 0; i < set.size(); ++i)
              sound = sound && set.steps(i) >= 1 && set.label(i) >= 0 && set.label(i) < set.classes();
            for (float const id : set.x) sound = sound && id >= 1 && id < static_cast<float>(set.columns[0].ids);
            return sound;
          }) > 50);
}

TEST_CASE("text: the real sets") {
  for (auto const& [name, train, dev, test, ones] :
       {std::tuple{"sst2", 6920, 872, 1821, 3610}, std::tuple{"sms_spam", 3862, 0, 1712, 506}}) {
    std::string const folder = real_data(std::string("text/") + name);
    if (folder.empty()) return;
    auto const loaded = load_text(folder);
    CHECK(loaded.train.size() == train);
    CHECK(loaded.dev.size() == dev);
    CHECK(loaded.test.size() == test);
    CHECK(std::count(loaded.train.y.begin(), loaded.train.y.end(), 1) == ones);
  }
}
