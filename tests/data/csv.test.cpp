#include "petra/data/csv.hpp"

#include <doctest/doctest.h>

#include "malformed.hpp"

using namespace petra_test;
using petra::index_t;
using petra::data::csv_reader;

namespace {

using records = std::vector<std::vector<std::string>>;

records records_in(std::string const& path) {
  csv_reader csv(path);
  records all;
  while (csv.next()) {
    all.emplace_back();
    for (std::size_t c = 0; c < csv.names().size(); ++c) all.back().emplace_back(csv[static_cast<index_t>(c)]);
  }
  return all;
}

std::string csv_error(scratch_folder const& folder, std::string_view text) {
  return io_message([&] { static_cast<void>(records_in(folder.file("t.csv", as_bytes(text)))); });
}

}  // namespace

TEST_CASE("csv: fields, empty ones, quotes, commas and line ends within quotes") {
  scratch_folder const folder;
  std::string_view const text =
      "id,name\r\n1,plain\r\n2,\"a, \"\"b\"\"\"\n3,\n,\"\"\n5,\"two\r\nlines, \"\"\n\"\"quoted\"\"\"\n\"6\",x y \n";
  records const expected{{"1", "plain"}, {"2", "a, \"b\""}, {"3", ""}, {"", ""}, {"5", "two\nlines, \"\n\"quoted\""},
                         {"6", "x y "}};
  for (bool const packed : {false, true})
    CHECK(records_in(folder.file("t.csv", packed ? gzip(as_bytes(text)) : as_bytes(text))) == expected);
  csv_reader csv(folder.file("t.csv", as_bytes(text)));
  CHECK(csv.names() == std::vector<std::string>{"id", "name"});
  CHECK(csv.column("name") == 1);
  CHECK(csv.find("none") == -1);
  std::vector<index_t> lines;
  while (csv.next()) lines.push_back(csv.line());
  CHECK(lines == std::vector<index_t>{2, 3, 4, 5, 6, 9});
}

TEST_CASE("csv: a header alone is no record; one column may be empty") {
  scratch_folder const folder;
  CHECK(records_in(folder.file("t.csv", as_bytes("a,b"))).empty());
  CHECK(records_in(folder.file("t.csv", as_bytes("\"a\"\n\n\n"))) == records{{""}, {""}});
}

TEST_CASE("csv: errors name file, line, column, what was expected and found") {
  scratch_folder const folder;
  auto const error = [&](std::string_view text) { return csv_error(folder, text); };
  CHECK(says(error("a,b\n1,2\n3\n"), "t.csv' line 3: expected 2 fields as in the header, found 1"));
  CHECK(says(error("a,b\n1,2,3\n"), "line 2: expected 2 fields as in the header, found 3"));
  CHECK(says(error("a,b\n1,2\n\n"), "line 3: expected 2 fields as in the header, found 1"));
  CHECK(says(error("a,,b\n"), "line 1: expected a name for every column, found none for column 2"));
  CHECK(says(error("a,b,a\n"), "line 1: expected every column name once, found 'a' again"));
  CHECK(says(error("a,b\n1,\"2\n3,4\n"), "line 2: expected a closing '\"', found none until the end of the file"));
  CHECK(says(error("a,b\n\"1\"2,3\n"), "line 2, field 1: expected ',' behind a closing '\"', found '2,3'"));
  CHECK(says(error("a,b\n1,2\"3\"\n"), "line 2, field 2: expected quotes around the whole field, found '\"3\"'"));
  CHECK(says(error("a,b\n1,\"\"\"\n"), "line 2: expected a closing '\"'"));
  CHECK(says(error("a,b\n\"\",\"\"\"\"\"x\",\n"), "line 2"));
  CHECK(says(error("a,b\n\"" + std::string(std::size_t{3} << 20, '\n') + "\",1\n"), "until a megabyte later"));
  CHECK(says(error("a,b\n\xff,1\n"),
             "line 2: expected UTF-8, found byte 255 as number 1 of the line; save the file as UTF-8"));
  CHECK(says(error(std::string_view("a,b\n1,\0\n", 8)),
             "line 2: expected text with lines that end in LF or CRLF, found byte 0 as number 3 of the line"));
  CHECK(says(error("a,b\r1,2\r"), "line 1: expected text with lines", "found byte 13 as number 4"));
  CHECK(says(io_message([&] {
               csv_reader const csv(folder.file("t.csv", as_bytes("id,time\n")));
               static_cast<void>(csv.column("amount"));
             }),
             "t.csv' line 1: expected a column 'amount', found id, time"));
  CHECK(says(error(""), "is empty"));
  CHECK(says(io_message([&] { csv_reader{folder.file("t.csv", gzip({}))}; }),
             "expected a header line, found an empty file"));
}

TEST_CASE("csv: numbers") {
  scratch_folder const folder;
  csv_reader csv(folder.file("t.csv", as_bytes("x\n1\n -2.5e3\n+.5 \n1e30\n")));
  for (double const x : {1., -2500., .5, 1e30}) {
    REQUIRE(csv.next());
    CHECK(csv.number(0) == x);
  }
  for (char const* bad :
       {"", "abc", "1x", "nan", "NaN", "inf", "-inf", "1e31", "1e999", "0x10", "+-1", "++1", "+", "1,5", "-"}) {
    double x = 7;
    CHECK_FALSE(petra::data::csv_number(bad, x));
    CHECK(x == 7);
  }
  csv_reader wrong(folder.file("w.csv", as_bytes("id,x\n1,1\n2,NaN\n3,\n")));
  REQUIRE(wrong.next());
  REQUIRE(wrong.next());
  CHECK(says(io_message([&] { static_cast<void>(wrong.number(1)); }),
             "w.csv' line 3, column 'x': expected a number (at most 1e30 in size), found 'NaN'"));
  REQUIRE(wrong.next());
  CHECK(says(io_message([&] { static_cast<void>(wrong.number(1)); }), "line 4, column 'x'", "found nothing"));
}

TEST_CASE("csv: a byte order mark is no part of the first name") {
  scratch_folder const folder;
  csv_reader const csv(folder.file("t.csv", as_bytes("\xef\xbb\xbfid,x\n")));
  CHECK(csv.names() == std::vector<std::string>{"id", "x"});
}

TEST_CASE("csv: damaged files are read or an error that names them") {
  std::string text = "id,time,amount\n";
  for (int i = 0; i < 40; ++i)
    text += std::to_string(i) + ",\"a \"\"b\"\", c\n d\"," + std::to_string(0.5 * i) + "\r\n";
  CHECK(read_damaged(as_bytes(text), [](std::string const& path) {
          for (auto const& r : records_in(path))
            if (r.empty()) return false;
          return true;
        }) > 100);
}
