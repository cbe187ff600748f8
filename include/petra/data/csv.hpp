// Reader for CSV with a header line: fields between commas, quoted where they hold a comma, a quote (doubled) or the end of
// a line. Record by record, plain or gzip.
//
//     csv_reader csv("events.csv.gz");
//     index_t const amount = csv.column("amount");
//     while (csv.next()) sum += csv.number(amount);
//
// Source: RFC 4180. Strict: every record has as many fields as the header, a quote stands at both ends of a field or
// nowhere. Spaces belong to their field,
// but not to a number. A line end within quotes is read as LF.
// Throws: io_error naming file, line and column, what was expected and what was found.
// Cost: about 350 MB a second of plain text.
#pragma once
#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "petra/data/cell.hpp"
#include "petra/data/lines.hpp"
#include "petra/data/utf8.hpp"

namespace petra::inline PETRA_ABI::data {

// Numbers are kept as floats: what is larger is refused, so that neither a mean nor a difference can overflow.
inline constexpr double largest_number = 1e30;

// Assigns x and returns true if the whole cell is a number within +-largest_number.
[[nodiscard, gnu::cold]] inline bool csv_number(std::string_view cell, double& x) {
  double value = 0;
  if (!parse_number(cell, value) || std::abs(value) > largest_number) return false;
  x = value;
  return true;
}

class csv_reader {
 public:
  [[gnu::cold]] explicit csv_reader(std::string path) : lines_(std::move(path)) {
    if (!next_line()) throw_error<io_error>({"'", lines_.path(), "': expected a header line, found an empty file"});
    constexpr std::string_view mark = "\xef\xbb\xbf";  // spreadsheets begin UTF-8 with it
    if (line_.starts_with(mark)) line_.remove_prefix(mark.size());
    split();
    names_.assign(fields_.begin(), fields_.end());
    for (std::size_t c = 0; c < names_.size(); ++c) {
      if (names_[c].empty()) lines_.fail({"a name for every column"}, {"none for column ", c + 1});
      if (std::find(names_.begin(), names_.begin() + static_cast<std::ptrdiff_t>(c), names_[c]) !=
          names_.begin() + static_cast<std::ptrdiff_t>(c))
        lines_.fail({"every column name once"}, {shown(names_[c]), " again"});
    }
  }

  [[nodiscard]] std::vector<std::string> const& names() const { return names_; }
  [[nodiscard]] std::string const& path() const { return lines_.path(); }
  // First line of the record, from 1; 1 is the header.
  [[nodiscard]] index_t line() const { return first_line_; }

  // Position of a column, -1 if there is none of the name.
  [[nodiscard, gnu::cold]] index_t find(std::string_view name) const {
    auto const at = std::find(names_.begin(), names_.end(), name);
    return at == names_.end() ? -1 : at - names_.begin();
  }
  [[nodiscard, gnu::cold]] index_t column(std::string_view name) const {
    index_t const c = find(name);
    if (c >= 0) return c;
    std::string there;
    for (std::string const& n : names_) append(there, {there.empty() ? "" : ", ", n});
    throw_error<io_error>({"'", path(), "' line 1: expected a column '", name, "', found ", there});
  }

  // False at the end of the file.
  [[gnu::cold]] bool next() {
    if (!next_line()) return false;
    split();
    if (fields_.size() != names_.size())
      throw_error<io_error>({"'", path(), "' line ", first_line_, ": expected ", names_.size(),
                             " fields as in the header, found ", fields_.size()});
    return true;
  }
  // Field of the record, valid until the next call of next(). Pre: c is a column.
  [[nodiscard]] std::string_view operator[](index_t c) const { return fields_[static_cast<std::size_t>(c)]; }
  [[nodiscard, gnu::cold]] double number(index_t c) const {
    double x = 0;
    if (!csv_number((*this)[c], x)) fail(c, "a number (at most 1e30 in size)");
    return x;
  }

  [[noreturn, gnu::cold, gnu::noinline]] void fail(index_t c, std::string_view expected) const {
    std::string_view const is = (*this)[c];
    fail(c, expected, is.empty() ? std::string("nothing") : shown(is));
  }
  [[noreturn, gnu::cold, gnu::noinline]] void fail(index_t c, std::string_view expected, std::string_view found) const {
    throw_error<io_error>({"'", path(), "' line ", first_line_, ", column '", names_[static_cast<std::size_t>(c)],
                           "': expected ", expected, ", found ", found});
  }

 private:
  // A record of several lines that is longer has lost its closing quote.
  static constexpr std::size_t most_bytes = std::size_t{1} << 20;

  [[gnu::cold]] bool next_line() {
    if (!lines_.next(line_)) return false;
    if (std::size_t const valid = utf8_prefix(line_); valid < line_.size())
      lines_.fail({"UTF-8"}, {"byte ", static_cast<int>(static_cast<unsigned char>(line_[valid])), " as number ",
                              valid + 1, " of the line; save the file as UTF-8"});
    for (char const c : {'\0', '\r'})
      if (std::size_t const at = line_.find(c); at != line_.npos)
        lines_.fail({"text with lines that end in LF or CRLF"},
                    {"byte ", static_cast<int>(c), " as number ", at + 1, " of the line"});
    return true;
  }

  // The fields of the record that begins with the current line.
  [[gnu::cold]] void split() {
    first_line_ = lines_.number();
    fields_.clear();
    std::string_view const line = line_;
    if (line.find('"') == line.npos) {
      for (std::size_t at = 0;;) {
        std::size_t const end = std::min(line.find(',', at), line.size());
        fields_.push_back(line.substr(at, end - at));
        if (end == line.size()) return;
        at = end + 1;
      }
    }
    // Quotes come in pairs: an odd number means that the record goes on.
    record_ = line;
    for (bool open = false, first = true;; first = false) {
      std::string_view const part = first ? std::string_view(record_) : line_;
      if (std::count(part.begin(), part.end(), '"') % 2 != 0) open = !open;
      if (!first) record_.append(1, '\n').append(part);
      if (!open) break;
      if (record_.size() > most_bytes || !next_line())
        throw_error<io_error>({"'", path(), "' line ", first_line_, ": expected a closing '\"', found none until ",
                               (record_.size() > most_bytes ? "a megabyte later" : "the end of the file")});
    }
    split_quoted();
  }

  // Doubled quotes are made single in place, so that a field is a piece of record_.
  void split_quoted() {
    char* const text = record_.data();
    std::size_t const size = record_.size();
    auto const wrong = [&](std::string_view expected, std::size_t at) {
      throw_error<io_error>({"'", path(), "' line ", first_line_, ", field ", fields_.size() + 1, ": expected ",
                             expected, ", found ", shown({text + at, size - at})});
    };
    for (std::size_t at = 0;;) {
      std::size_t end = at;
      if (at < size && text[at] == '"') {
        std::size_t to = at;
        for (end = at + 1; end < size; ++end) {
          if (text[end] == '"' && (end + 1 == size || text[end + 1] != '"')) break;
          if (text[end] == '"') ++end;
          text[to++] = text[end];
        }
        if (end == size) wrong("a closing '\"'", at);
        ++end;
        if (end < size && text[end] != ',') wrong("',' behind a closing '\"'", end);
        fields_.emplace_back(text + at, to - at);
      } else {
        while (end < size && text[end] != ',') {
          if (text[end] == '"') wrong("quotes around the whole field", end);
          ++end;
        }
        fields_.emplace_back(text + at, end - at);
      }
      if (end == size) return;
      at = end + 1;
    }
  }

  line_reader lines_;
  std::string_view line_;
  std::vector<std::string> names_;
  std::vector<std::string_view> fields_;  // pieces of the current line or of record_
  std::string record_;                    // one with quotes
  index_t first_line_ = 1;
};

}  // namespace petra::data
