// Reader for the binary form of CIFAR-10, plain or gzip: records of one label byte and the planes R, G, B row by row.
//
// Source: Krizhevsky, "Learning multiple layers of features from tiny images", 2009; the data's page, "Binary version".
// Properties: planes become channels-last pixels. Pictures of another size in the same form (64 x 64, say) are read by
// stating their side.
// Throws: io_error naming the file, what was expected and what was found.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "petra/core/error.hpp"
#include "petra/data/dataset.hpp"
#include "petra/data/gzip.hpp"

namespace petra::inline PETRA_ABI::data {

struct cifar_format {
  index_t side = 32;     // height and width
  index_t classes = 10;  // labels lie in [0, classes)
};

namespace detail {

// out (plane,3) = planes (3,plane)
inline void planes_to_pixels(unsigned char const* planes, index_t plane, std::uint8_t* out) {
  for (index_t p = 0; p < plane; ++p)
    for (index_t c = 0; c < 3; ++c) *out++ = planes[c * plane + p];
}

// The pictures of one file, checked: labels appended to y. Returns the records as they are.
template <class = void>
[[gnu::cold]] std::vector<unsigned char> read_cifar_records(std::string const& path, cifar_format f,
                                                            std::vector<std::int32_t>& y) {
  auto const record = static_cast<std::size_t>(1 + 3 * f.side * f.side);
  // The original has 10,000 records in a file and 60,000 in all.
  constexpr std::size_t most_records = 100'000;
  std::vector<unsigned char> bytes = read_bytes(path, most_records * record);
  if (bytes.empty() || bytes.size() % record != 0)
    throw_error<io_error>({"CIFAR file '", path, "': expected a positive multiple of ", record,
                           " bytes (one record), found ", bytes.size(), " bytes: truncated, or not pictures of ",
                           f.side, " x ", f.side});
  for (std::size_t at = 0; at < bytes.size(); at += record) {
    if (bytes[at] >= f.classes)
      throw_error<io_error>({"CIFAR file '", path, "': expected labels in [0, ", f.classes, "), found label ",
                             bytes[at], " at offset ", at});
    y.push_back(bytes[at]);
  }
  return bytes;
}

}  // namespace detail

// The pictures of one or several files in the order given; not normalized yet. Pre: at least one path.
template <class = void>
[[nodiscard, gnu::cold]] picture_set read_cifar(std::span<std::string const> paths, cifar_format format = {}) {
  expects(!paths.empty(), "read_cifar: at least one file");
  if (format.side < 1 || format.side > 4096 || format.classes < 1 || format.classes > 256)
    throw_error<setting_error>({"read_cifar: side must lie in [1, 4096] and classes in [1, 256], found ", format.side,
                                " and ", format.classes});
  picture_set set;
  std::vector<std::vector<unsigned char>> files;
  for (std::string const& path : paths) files.push_back(detail::read_cifar_records(path, format, set.y));
  index_t const plane = format.side * format.side;
  set.class_count = format.classes;
  set.x = tensor<std::uint8_t>(petra::shape(set.size(), format.side, format.side, 3));
  std::uint8_t* out = set.x.data();
  for (std::vector<unsigned char>& file : files) {
    auto const records = static_cast<index_t>(file.size()) / (1 + 3 * plane);
    for (index_t n = 0; n < records; ++n, out += 3 * plane)
      detail::planes_to_pixels(file.data() + n * (1 + 3 * plane) + 1, plane, out);
    file = {};
  }
  return set;
}

template <class = void>
[[nodiscard, gnu::cold]] picture_set read_cifar(std::string const& path, cifar_format format = {}) {
  return read_cifar(std::span<std::string const>(&path, 1), format);
}

}  // namespace petra::data
