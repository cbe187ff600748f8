// Reader for pictures in the form of CIFAR-10 but of any size and number, plain or gzip: records of one label byte and
// the planes R, G, B of a square, row by row. The side is given, or found from the file.
//
// Properties: streams beyond 64 MiB (see data/measured_source.hpp): the size of the file is measured, then record after
// record goes to its place. Planes become channels-last pixels.
// The side that is found is the only one with which the file is whole records whose first bytes are all labels; if there
// are several such sides, it has to be given.
// Throws: io_error naming the file, what was expected and what was found.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "petra/core/error.hpp"
#include "petra/data/cifar.hpp"
#include "petra/data/dataset.hpp"
#include "petra/data/measured_source.hpp"

namespace petra::inline PETRA_ABI::data {

struct raw_rgb_format {
  index_t side = 0;      // height and width; 0: found from the file
  index_t classes = 10;  // labels lie in [0, classes)
};

namespace detail {

inline constexpr index_t most_side = 4096;

constexpr std::size_t rgb_record(index_t side) { return static_cast<std::size_t>(1 + 3 * side * side); }

// Sides with which `bytes` is a whole number of records.
[[gnu::cold]] inline std::vector<index_t> sides_of(std::size_t bytes) {
  std::vector<index_t> sides;
  for (index_t side = 1; side <= most_side && rgb_record(side) <= bytes; ++side)
    if (bytes % rgb_record(side) == 0) sides.push_back(side);
  return sides;
}

// 4 GiB of pictures.
inline constexpr std::size_t most_rgb_bytes = std::size_t{1} << 32;

[[gnu::cold]] inline index_t find_side(measured_source& source, std::string const& path, index_t classes) {
  std::size_t const bytes = source.total();
  std::vector<index_t> sides = sides_of(bytes);
  std::size_t const possible = sides.size();
  // Of each side only the first bytes of its records are looked at.
  std::vector<unsigned char> chunk(std::size_t{1} << 16);
  std::size_t from = 0;
  for (std::size_t got = 0; sides.size() > 0 && (got = source.read(chunk.data(), chunk.size())) > 0; from += got)
    std::erase_if(sides, [&](index_t side) {
      std::size_t const record = rgb_record(side);
      for (std::size_t at = (from + record - 1) / record * record; at < from + got; at += record)
        if (chunk[at - from] >= classes) return true;
      return false;
    });
  if (sides.size() == 1) return sides[0];
  std::string found = concat({bytes, " bytes"});
  if (possible == 0) found += ", which no square picture fits";
  if (possible > 0 && sides.empty()) found += " and in every possible division a label beyond that";
  for (index_t const side : sides) found += concat({side == sides[0] ? ": sides of " : " or ", side});
  if (!sides.empty()) found += "; say which";
  throw_error<io_error>({"RGB file '", path, "': expected records of one label byte below ", classes,
                         " and 3 planes of a square picture, found ", found});
}

}  // namespace detail

// The pictures of one file; not normalized yet.
[[nodiscard, gnu::cold]] inline picture_set read_raw_rgb(std::string const& path, raw_rgb_format format = {}) {
  if (format.side < 0 || format.side > detail::most_side || format.classes < 1 || format.classes > 256)
    throw_error<setting_error>({"read_raw_rgb: side must lie in [0, ", detail::most_side,
                                "] and classes in [1, 256], found ", format.side, " and ", format.classes});
  measured_source source(path, detail::most_rgb_bytes);
  std::size_t const bytes = source.total();
  index_t const side = format.side > 0 ? format.side : detail::find_side(source, path, format.classes);
  std::size_t const record_bytes = detail::rgb_record(side);
  if (bytes == 0 || bytes % record_bytes != 0)
    throw_error<io_error>({"RGB file '", path, "': expected a positive multiple of ", record_bytes,
                           " bytes (one record), found ", bytes, " bytes: truncated, or not pictures of ", side, " x ",
                           side});
  picture_set set;
  set.class_count = format.classes;
  set.x = tensor<std::uint8_t>(petra::shape(bytes / record_bytes, side, side, 3));
  set.y.reserve(bytes / record_bytes);
  source.rewind();
  std::vector<unsigned char> record(record_bytes);
  for (std::size_t at = 0; at < bytes; at += record_bytes) {
    for (std::size_t used = 0; used < record_bytes;) {
      std::size_t const got = source.read(record.data() + used, record_bytes - used);
      if (got == 0) source.fail("became shorter while it was read", at + used);
      used += got;
    }
    if (record[0] >= format.classes)
      throw_error<io_error>({"RGB file '", path, "': expected labels in [0, ", format.classes, "), found label ",
                             record[0], " at offset ", at});
    set.y.push_back(record[0]);
    detail::planes_to_pixels(record.data() + 1, side * side,
                             set.x.data() + static_cast<index_t>(at / record_bytes) * 3 * side * side);
  }
  return set;
}

}  // namespace petra::data
