// Files as NumPy writes them, for the tests of .npy, .npz and sets of arrays.
#pragma once
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "malformed.hpp"

namespace petra_test {

// A .npy file: the header as numpy.save pads it, then the values.
inline bytes npy_file(std::string const& dictionary, bytes const& values, unsigned char version = 1) {
  std::size_t const before = version == 1 ? 10 : 12;
  std::string header = dictionary + std::string(64 - (before + dictionary.size() + 1) % 64, ' ') + '\n';
  bytes b = as_bytes("\x93NUMPY") + bytes{version, 0};
  for (std::size_t i = 0; i < before - 8; ++i) b.push_back(static_cast<unsigned char>(header.size() >> (8 * i)));
  return b + as_bytes(header) + values;
}
inline std::string npy_dictionary(std::string const& type, std::string const& shape, bool columns_first = false) {
  return "{'descr': '" + type + "', 'fortran_order': " + (columns_first ? "True" : "False") + ", 'shape': " + shape +
         ", }";
}
template <class T>
bytes raw_values(std::vector<T> const& values) {
  bytes b(values.size() * sizeof(T));
  std::memcpy(b.data(), values.data(), b.size());
  return b;
}
template <class T>
bytes npy_file(std::string const& type, std::string const& shape, std::vector<T> const& values) {
  return npy_file(npy_dictionary(type, shape), raw_values(values));
}

inline bytes from_hex(std::string_view text) {
  bytes b;
  auto const digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  for (std::size_t i = 0; i < text.size(); i += 2)
    b.push_back(static_cast<unsigned char>(16 * digit(text[i]) + digit(text[i + 1])));
  return b;
}

// What numpy.savez_compressed writes of X (4,2) = 1 .. 7, 8.5 as float32 and y = 0, 1, 2, 1 as int64: local headers
// with zip64 fields included.
inline bytes savez_compressed() {
  return from_hex(
      "504b03042d0000000800000021001fcd189effffffffffffffff05001400582e6e707901001000a0000000000000005e00000000000000"
      "9bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a06e9366a2aea3a09e965f54529498179f5f94920a12774bcc294e058a17672416a402"
      "f91a263a0a469a3a0ab50a64032e0686067b060606072002e206205e00c40780f8011073380200504b03042d000000080000002100bec4"
      "ff93ffffffffffffffff05001400792e6e707901001000a0000000000000004c000000000000009bec17ea1b10c9c850c650ad9e925a9c"
      "5ca46ea5a06e9369a1aea3a09e965f54529498179f5f94920a12774bcc294e058a17672416a402f91a263a9a3a0ab50a14002e06286084"
      "d24c687c00504b01022d032d0000000800000021001fcd189e5e000000a0000000050000000000000000000000800100000000582e6e70"
      "79504b01022d032d000000080000002100bec4ff934c000000a0000000050000000000000000000000800195000000792e6e7079504b05"
      "06000000000200020066000000180100000000");
}

}  // namespace petra_test
