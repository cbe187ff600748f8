// The record of a search on disk: append-only, one JSON value per line, flushed line by line. The first line says which
// search it is; every further line is one evaluation, in ascending order of ids.
//
//   {"petra_version":"0.1.0","journal":1,"seed":7,"data_hash":1234,"space":"resnet8"}
//   {"id":0,"genome":"train{} | quantize::affine<8>{}","pipeline":"...","scores":{"quality":0.91,...},"seconds":12.5}
//   {"id":1,"genome":"...","pipeline":"...","why":"size: at most ...","violation":0.2,"scores":{...},"seconds":0.01}
//   {"id":2,"genome":"...","pipeline":"...","why":"out of memory","seconds":3.0}
//
// A process that dies while writing leaves a last line without its end; it is ignored when read and cut off before the
// next append. Anything else that does not fit is an error.
#pragma once
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "petra/core/file.hpp"
#include "petra/core/json.hpp"
#include "petra/core/version.hpp"
#include "petra/search/concepts.hpp"

namespace petra::inline PETRA_ABI::search {

struct journal_header {
  std::string petra_version = version;
  std::uint64_t seed = 0;
  std::uint64_t data_hash = 0;
  std::string space;
  friend bool operator==(journal_header const&, journal_header const&) = default;
};

struct journal_entry {
  std::int64_t id = 0;
  std::string genome;
  evaluation result;
};

struct journal_content {
  journal_header header;
  std::vector<journal_entry> entries;
  index_t size_bytes = 0;  // up to the end of the last whole line
  bool torn = false;       // something follows that is no whole line
};

template <class = void>
[[nodiscard, gnu::cold]] json to_json(journal_header const& h) {
  return json::object{{"petra_version", h.petra_version},
                      {"journal", 1},
                      {"seed", h.seed},
                      {"data_hash", h.data_hash},
                      {"space", h.space}};
}

template <class = void>
[[nodiscard, gnu::cold]] json to_json(scores const& s) {
  return json::object{{"quality", s.quality},
                      {"latency_ns", s.latency_ns},
                      {"size_bytes", s.size_bytes},
                      {"peak_activation_bytes", s.peak_activation_bytes},
                      {"macs", s.macs}};
}

template <class = void>
[[nodiscard, gnu::cold]] json to_json(journal_entry const& e) {
  json j = json::object{{"id", e.id}, {"genome", e.genome}, {"pipeline", e.result.pipeline}};
  bool const known = std::isfinite(e.result.violation);
  if (!e.result.feasible) j["why"] = e.result.why;
  if (!e.result.feasible && known) j["violation"] = e.result.violation;
  if (e.result.feasible || known) j["scores"] = to_json(e.result.scores);
  j["seconds"] = e.result.seconds;
  return j;
}

// Throws: io_error naming the member that is missing or of another kind.
template <class = void>
[[nodiscard, gnu::cold]] journal_header to_journal_header(json const& j) {
  if (auto const format = j.at("journal").as_int("journal"); format != 1)
    throw_error<io_error>({"expected journal format 1, found ", format});
  return {.petra_version = j.at("petra_version").as_string("petra_version"),
          .seed = j.at("seed").as_uint("seed"),
          .data_hash = j.at("data_hash").as_uint("data_hash"),
          .space = j.at("space").as_string("space")};
}

template <class = void>
[[nodiscard, gnu::cold]] journal_entry to_journal_entry(json const& j) {
  journal_entry e{.id = j.at("id").as_int("id"), .genome = j.at("genome").as_string("genome"), .result = {}};
  json const* const why = j.find("why");
  json const* const violation = j.find("violation");
  if (!why || violation) {
    json const& s = j.at("scores");
    e.result.scores = {.quality = s.at("quality").as_double("quality"),
                       .latency_ns = s.at("latency_ns").as_double("latency_ns"),
                       .size_bytes = s.at("size_bytes").as_int("size_bytes"),
                       .peak_activation_bytes = s.at("peak_activation_bytes").as_int("peak_activation_bytes"),
                       .macs = s.at("macs").as_int("macs")};
  }
  e.result.feasible = !why;
  if (why) e.result.why = why->as_string("why");
  if (violation) e.result.violation = violation->as_double("violation");
  if (!why) e.result.violation = 0;
  e.result.pipeline = j.at("pipeline").as_string("pipeline");
  e.result.seconds = j.at("seconds").as_double("seconds");
  return e;
}

// Throws: io_error naming file and line.
template <class = void>
[[nodiscard, gnu::cold]] journal_content read_journal(std::string const& path) {
  std::string const text = read_file(path);
  journal_content c;
  index_t line = 0;
  std::size_t from = 0;
  for (std::size_t end; (end = text.find('\n', from)) != text.npos; from = end + 1) {
    ++line;
    try {
      json const j = json::parse(std::string_view(text).substr(from, end - from), "entry");
      if (line == 1) {
        c.header = to_journal_header(j);
        continue;
      }
      c.entries.push_back(to_journal_entry(j));
      if (auto const n = c.entries.size(); n > 1 && c.entries[n - 1].id <= c.entries[n - 2].id)
        throw_error<io_error>({"expected an id above ", c.entries[n - 2].id, ", found ", c.entries[n - 1].id});
    } catch (io_error const& e) {
      throw_error<io_error>({path, ":", line, ": ", e.what()});
    }
  }
  if (line == 0)
    throw_error<io_error>(
        {path, ":1: expected the first line of a journal, found none; delete the file to start anew"});
  c.size_bytes = static_cast<index_t>(from);
  c.torn = from < text.size();
  return c;
}

// Writes. Throws: io_error when a line cannot be written in full (a full disk); nothing is written after that.
class journal {
 public:
  // A new file; one that exists is kept and is an error. Nothing is left behind when the header cannot be written.
  [[nodiscard]] static journal create(std::string const& path, journal_header const& header) {
    journal j(path, "wbx");
    try {
      j.write_line(to_json(header).dump());
    } catch (...) {
      std::remove(path.c_str());
      throw;
    }
    return j;
  }
  // Goes on where `content` ends. Pre: `content` is what read_journal(path) returned.
  [[nodiscard]] static journal resume(std::string const& path, journal_content const& content) {
    if (content.torn)
      write_file(path, std::string_view(read_file(path)).substr(0, static_cast<std::size_t>(content.size_bytes)));
    return journal(path, "ab");
  }

  journal(journal&& o) noexcept : path_(std::move(o.path_)), file_(std::exchange(o.file_, nullptr)) {}
  journal& operator=(journal o) noexcept {
    std::swap(path_, o.path_);
    std::swap(file_, o.file_);
    return *this;
  }
  ~journal() {
    if (file_) std::fclose(file_);
  }

  // Pre: an id above the last one's.
  void append(journal_entry const& e) { write_line(to_json(e).dump()); }

 private:
  journal(std::string const& path, char const* mode) : path_(path), file_(std::fopen(path.c_str(), mode)) {
    if (!file_) throw_error<io_error>({"journal: cannot open '", path, "' for writing: ", std::strerror(errno)});
  }
  void write_line(std::string line) {
    if (!file_) throw_error<io_error>({"journal: '", path_, "' was closed by an earlier error"});
    line += '\n';
    if (std::fwrite(line.data(), 1, line.size(), file_) == line.size() && std::fflush(file_) == 0) return;
    int const reason = errno;
    std::fclose(std::exchange(file_, nullptr));
    throw_error<io_error>({"journal: cannot append to '", path_, "': ", std::strerror(reason)});
  }

  std::string path_;
  std::FILE* file_ = nullptr;
};

}  // namespace petra::search
