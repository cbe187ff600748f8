// What 04_search is given in the tests: small IDX folders, and a cost table that is a formula, so that no clock takes
// part in what a search finds.
#pragma once
#include <cstdint>
#include <string>

#include "../../data/scratch_folder.hpp"
#include "petra/core/file.hpp"
#include "petra/core/json.hpp"
#include "petra/data/synthetic_pictures.hpp"

namespace petra_test {

inline bytes big_endian(std::uint32_t v) {
  return {static_cast<unsigned char>(v >> 24), static_cast<unsigned char>(v >> 16), static_cast<unsigned char>(v >> 8),
          static_cast<unsigned char>(v)};
}

inline bytes idx_images(petra::data::picture_set const& s) {
  auto const extent = [&](int axis) { return big_endian(static_cast<std::uint32_t>(s.x.shape()[axis])); };
  return big_endian(0x803) + extent(0) + extent(1) + extent(2) + bytes(s.x.data(), s.x.data() + s.x.size());
}

inline bytes idx_labels(petra::data::picture_set const& s) {
  return big_endian(0x801) + big_endian(static_cast<std::uint32_t>(s.y.size())) + bytes(s.y.begin(), s.y.end());
}

// A folder with pictures of 12 x 12 in three classes, 600 to train and 200 to test; its files may be replaced.
struct picture_files {
  bytes train_images, train_labels, test_images, test_labels;

  explicit picture_files(petra::index_t count = 600, petra::index_t size = 12) {
    auto const train = petra::data::synthetic_pictures({.count = count, .seed = 1, .size = size, .classes = 3});
    auto const test = petra::data::synthetic_pictures({.count = count / 3, .seed = 2, .size = size, .classes = 3});
    train_images = idx_images(train);
    train_labels = idx_labels(train);
    test_images = idx_images(test);
    test_labels = idx_labels(test);
  }
  void write_to(scratch_folder const& folder) const {
    folder.file("train-images-idx3-ubyte", train_images);
    folder.file("train-labels-idx1-ubyte", train_labels);
    folder.file("t10k-images-idx3-ubyte", test_images);
    folder.file("t10k-labels-idx1-ubyte", test_labels);
  }
};

// One entry for each kernel: every call is estimated in proportion to its work, integers four times as fast.
inline std::string sample_costs() {
  petra::json::array entries;
  for (std::string const name : {"load_input_f32", "conv2d_f32", "depthwise_f32", "dense_f32", "add_f32",
                                 "max_pool_f32", "avg_pool_f32", "quantize", "dequantize", "requantize_s8", "conv2d_s8",
                                 "depthwise_s8", "dense_s8_f32", "add_s8", "max_pool_s8", "avg_pool_s8"}) {
    using petra::json;
    bool const is_integer = name.find("_s8") != name.npos;
    entries.push_back(json::object{{"op", name},
                                   {"in", json::array{8, 8, 8}},
                                   {"out", json::array{8, 8, 8}},
                                   {"kernel", json::array{1, 1}},
                                   {"stride", 1},
                                   {"pad", 0},
                                   {"groups", 1},
                                   {"ns", is_integer ? 50. : 200.}});
  }
  return petra::json(petra::json::object{{"format", "petra costs 1"},
                                         {"instruction_set", "a formula"},
                                         {"entries", std::move(entries)}})
      .dump();
}

// Everything a run needs, in a folder of its own.
struct sample_inputs {
  scratch_folder folder, pictures;
  std::string out = folder.path() + "/out", costs = folder.path() + "/sample_costs.json";

  sample_inputs() {
    picture_files().write_to(pictures);
    petra::write_file(costs, sample_costs());
  }
  // The options of a small run, and more.
  [[nodiscard]] std::vector<std::string> options(std::vector<std::string> const& more = {}) const {
    std::vector<std::string> all{"--data", pictures.path(), "--out", out, "--costs", costs, "--epochs", "4"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  // What lies in `out`, sorted, one blank behind each name; "nothing" when it is not there.
  [[nodiscard]] std::string left_behind() const {
    std::vector<std::string> names;
    if (!std::filesystem::exists(out)) return "nothing";
    for (auto const& entry : std::filesystem::directory_iterator(out)) names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    std::string all;
    for (std::string const& n : names) all += n + " ";
    return all;
  }
};

}  // namespace petra_test
