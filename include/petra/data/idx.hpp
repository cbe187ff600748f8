// Reader for IDX, the format of MNIST, Fashion-MNIST and their relatives, plain or gzip.
//
// Source: LeCun, Cortes, Burges, "The MNIST database of handwritten digits" (file formats): big-endian magic number,
// one 32-bit extent for each axis, then the values.
// Properties: the size of a file must be exactly what its header says; memory for it is only taken as bytes arrive.
// Throws: io_error naming the file, what was expected and what was found.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "petra/core/error.hpp"
#include "petra/data/dataset.hpp"
#include "petra/data/gzip.hpp"

namespace petra::inline PETRA_ABI::data {

namespace detail {

[[noreturn]] [[gnu::cold]] inline void idx_error(std::string const& path, std::string const& expected,
                                                 std::string const& found) {
  throw_error<io_error>({"IDX file '", path, "': expected ", expected, ", found ", found});
}

[[gnu::cold]] inline std::uint32_t big_endian(unsigned char const* p) {
  return std::uint32_t{p[0]} << 24 | std::uint32_t{p[1]} << 16 | std::uint32_t{p[2]} << 8 | p[3];
}

// Values behind the header of `axes` extents, which are written to extents.
template <class = void>
[[gnu::cold]] std::vector<unsigned char> read_idx(std::string const& path, std::uint32_t axes, std::uint64_t* extents) {
  std::size_t const header_bytes = 4 + 4 * std::size_t{axes};
  std::vector<unsigned char> const header = read_first_bytes(path, header_bytes);
  if (header.size() < header_bytes)
    idx_error(path, "a header of " + std::to_string(header_bytes) + " bytes",
              "a truncated file of " + std::to_string(header.size()) + " bytes");
  // 0x08: unsigned bytes; then the number of axes.
  if (std::uint32_t const magic = big_endian(header.data()); magic != (0x800u | axes)) {
    char expected[11], found[11];
    std::snprintf(expected, sizeof expected, "0x%08x", 0x800u | axes);
    std::snprintf(found, sizeof found, "0x%08x", magic);
    idx_error(path, std::string("magic number ") + expected + (axes == 3 ? " (images)" : " (labels)") + " at offset 0",
              found);
  }
  // More than 4 GiB, or a side beyond 4096 pixels, is a damaged header; with these caps the product cannot overflow.
  constexpr std::uint64_t most_bytes = std::uint64_t{1} << 32, most_side = 4096;
  std::uint64_t count = 1;
  for (std::uint32_t a = 0; a < axes; ++a) {
    extents[a] = big_endian(header.data() + 4 + 4 * std::size_t{a});
    if (extents[a] < 1 || (a > 0 && extents[a] > most_side))
      idx_error(path, a == 0 ? "at least one item" : "sides of 1 to " + std::to_string(most_side) + " pixels",
                std::to_string(extents[a]) + " at offset " + std::to_string(4 + 4 * a));
    count *= extents[a];
  }
  if (count > most_bytes)
    idx_error(path, "at most " + std::to_string(most_bytes) + " bytes of values",
              "a header that promises " + std::to_string(count) + "; it is damaged or not an IDX header");
  std::vector<unsigned char> bytes = read_bytes(path, header_bytes + static_cast<std::size_t>(count));
  if (bytes.size() < header_bytes + count)
    idx_error(path, std::to_string(header_bytes + count) + " bytes, as its header says",
              "a truncated file of " + std::to_string(bytes.size()) + " bytes");
  bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(header_bytes));
  return bytes;
}

}  // namespace detail

// Images as (N,H,W,1).
template <class = void>
[[nodiscard, gnu::cold]] tensor<std::uint8_t> read_idx_images(std::string const& path) {
  std::uint64_t e[3]{};
  std::vector<unsigned char> const values = detail::read_idx(path, 3, e);
  tensor<std::uint8_t> x(petra::shape(e[0], e[1], e[2], 1));
  std::copy(values.begin(), values.end(), x.data());
  return x;
}

// Labels, each in [0, classes).
template <class = void>
[[nodiscard, gnu::cold]] std::vector<std::int32_t> read_idx_labels(std::string const& path, index_t classes) {
  std::uint64_t count = 0;
  std::vector<unsigned char> const values = detail::read_idx(path, 1, &count);
  for (std::size_t i = 0; i < values.size(); ++i)
    if (values[i] >= classes)
      detail::idx_error(path, "labels in [0, " + std::to_string(classes) + ")",
                        "label " + std::to_string(values[i]) + " at offset " + std::to_string(8 + i));
  return {values.begin(), values.end()};
}

// A picture set from a file of images and the file of their labels; not normalized yet.
template <class = void>
[[nodiscard, gnu::cold]] picture_set read_idx(std::string const& images, std::string const& labels,
                                              index_t classes = 10) {
  picture_set set;
  set.y = read_idx_labels(labels, classes);
  set.x = read_idx_images(images);
  set.class_count = classes;
  if (set.x.shape()[0] != set.size())
    throw_error<io_error>({"IDX files '", images, "' and '", labels, "': expected as many images as labels, found ",
                           set.x.shape()[0], " images and ", set.size(), " labels"});
  return set;
}

}  // namespace petra::data
