// Named arrays in one file, in the safetensors layout, so that Python and others read it: 8 bytes little-endian length of a
// JSON header {name: {dtype, shape, data_offsets}, "__metadata__": {string: string}}, then the data. petra's empty tensor is
// written with shape [0] (without axes it would be a scalar there); a scalar is read as one element.
//
// Throws: io_error that names the file and what is wrong with it. Written atomically.
#pragma once
#include <bit>
#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "petra/core/file.hpp"
#include "petra/core/json.hpp"
#include "petra/core/text.hpp"
#include "petra/tensor/tensor.hpp"

namespace petra::inline PETRA_ABI::nn {

static_assert(std::endian::native == std::endian::little, "petra: tensor files are little-endian");

class tensor_file {
 public:
  json metadata{json::object{}};  // strings only

  // Pre: no tensor of that name is there yet.
  void put(std::string name, tensor<float> t) {
    expects(!contains(name), "tensor_file: every name once");
    tensors_.emplace_back(std::move(name), std::move(t));
  }
  // Pre: none. Throws: io_error when the name is missing.
  [[nodiscard, gnu::cold]] tensor<float> const& get(std::string_view name) const {
    for (auto const& [n, t] : tensors_)
      if (n == name) return t;
    throw_error<io_error>({path_, ": expected a tensor named ", name, ", found none; the file holds another model"});
  }
  [[nodiscard]] bool contains(std::string_view name) const {
    for (auto const& [n, t] : tensors_)
      if (n == name) return true;
    return false;
  }
  [[nodiscard]] std::string const& path() const { return path_; }

  [[gnu::cold]] void save(std::string const& path) const {
    json header{json::object{}};
    header["__metadata__"] = metadata;
    std::int64_t offset = 0;
    for (auto const& [name, t] : tensors_) {
      json shape{json::array{}};
      if (t.empty()) shape.push_back(0);
      for (index_t i = 0; i < t.shape().rank && !t.empty(); ++i) shape.push_back(t.shape()[i]);
      std::int64_t const end = offset + t.size() * 4;
      json entry{json::object{}};
      entry["dtype"] = "F32";
      entry["shape"] = shape;
      entry["data_offsets"] = json::array{json(offset), json(end)};
      header[name] = entry;
      offset = end;
    }
    std::string text = header.dump();
    text.resize((text.size() + 7) / 8 * 8, ' ');
    std::uint64_t const length = text.size();
    std::string out(8, '\0');
    std::memcpy(out.data(), &length, 8);
    out += text;
    for (auto const& [name, t] : tensors_)
      if (!t.empty()) out.append(reinterpret_cast<char const*>(t.data()), static_cast<std::size_t>(t.size()) * 4);
    write_file(path, out);
  }

  [[gnu::cold]] static tensor_file load(std::string const& path) {
    std::string const bytes = read_file(path);
    try {
      return parse(bytes, path);
    } catch (io_error const& e) {  // what json says does not name the file
      std::string const what = e.what();
      throw io_error(what.starts_with(path) ? what : concat({path, ": ", what}));
    }
  }

 private:
  [[gnu::cold]] static tensor_file parse(std::string const& bytes, std::string const& path) {
    auto fail = [&](std::initializer_list<piece> what) -> void { throw_error<io_error>({path, ": ", concat(what)}); };
    std::uint64_t length = 0;
    if (bytes.size() < 8) fail({"expected a tensor file, found ", bytes.size(), " bytes"});
    std::memcpy(&length, bytes.data(), 8);
    if (length > bytes.size() - 8)
      fail({"expected a header of ", length, " bytes at offset 8, found ", bytes.size() - 8,
            " bytes: truncated, or no tensor file"});
    json const header = json::parse(std::string_view(bytes).substr(8, length), path);
    std::uint64_t const data = bytes.size() - 8 - length;
    tensor_file f;
    f.path_ = path;
    for (auto const& [name, entry] : header.as_object("header")) {
      if (name == "__metadata__") {
        f.metadata = entry;
        continue;
      }
      if (entry.at("dtype").as_string("dtype") != "F32")
        fail({"tensor ", name, ": expected dtype F32, found ", entry.at("dtype").as_string()});
      petra::shape s;
      std::uint64_t count = 1;
      for (auto const& n : entry.at("shape").as_array("shape")) {
        if (s.rank == petra::shape::max_rank) fail({"tensor ", name, ": expected at most 4 axes"});
        std::uint64_t const extent = n.as_uint("extent");
        if (extent > data || (extent > 0 && count > data / extent))
          fail({"tensor ", name, ": the shape exceeds the file"});
        count *= extent;
        s.size[static_cast<std::size_t>(s.rank++)] = static_cast<index_t>(extent);
      }
      auto const& at = entry.at("data_offsets").as_array("data_offsets");
      if (at.size() != 2) fail({"tensor ", name, ": expected two data_offsets, found ", at.size()});
      std::uint64_t const begin = at[0].as_uint("data_offsets"), end = at[1].as_uint("data_offsets");
      if (s.rank == 0) s = petra::shape(1);
      if (end > data || begin > end || end - begin != count * 4)
        fail({"tensor ", name, ": expected ", count * 4, " bytes at offset ", 8 + length + begin, ", found ",
              end > data ? data - std::min(begin, data) : end - std::min(begin, end), ": truncated or corrupt"});
      tensor<float> t;
      if (count > 0) {
        t = tensor<float>(s);
        std::memcpy(t.data(), bytes.data() + 8 + length + begin, count * 4);
      }
      f.put(name, std::move(t));
    }
    return f;
  }

  std::vector<std::pair<std::string, tensor<float>>> tensors_;
  std::string path_;
};

}  // namespace petra::nn
