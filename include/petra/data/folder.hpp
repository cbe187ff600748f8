// A folder with pictures in a known form: training part and test part.
//
// Recognized, each file plain or with .gz behind its name (plain wins if both are there):
//   IDX    train-images-idx3-ubyte train-labels-idx1-ubyte t10k-images-idx3-ubyte t10k-labels-idx1-ubyte
//   CIFAR  data_batch_*.bin (one or more) test_batch.bin
//   RGB    train.bin val.bin: the form of CIFAR, any side, which is found from train.bin
// Class names are taken from labels.txt or batches.meta.txt (one a line) if there.
// Throws: io_error: no such folder, empty, files missing (it says which), or parts that do not belong together.
#pragma once
#include <dirent.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <string_view>
#include <vector>

#include "petra/core/error.hpp"
#include "petra/core/file.hpp"
#include "petra/core/order.hpp"
#include "petra/data/cifar.hpp"
#include "petra/data/idx.hpp"
#include "petra/data/raw_rgb.hpp"

namespace petra::inline PETRA_ABI::data {

struct picture_folder {
  picture_set train, test;  // both with the normalization fitted on train
};

// Throws: io_error unless both sets have one picture shape, one number of classes, and the training part knows every
// class of the test part. `where` names their source in the message.
template <class = void>
[[gnu::cold]] void require_matching(picture_set const& train, picture_set const& test, std::string const& where) {
  auto const text = [](petra::shape s) {
    return std::to_string(s[0]) + " x " + std::to_string(s[1]) + " x " + std::to_string(s[2]);
  };
  if (train.sample_shape() != test.sample_shape())
    throw_error<io_error>({where, ": expected training and test pictures of one size, found ",
                           text(train.sample_shape()), " and ", text(test.sample_shape())});
  if (train.class_count != test.class_count)
    throw_error<io_error>({where, ": expected training and test part with the same number of classes, found ",
                           train.class_count, " and ", test.class_count});
  std::vector<char> known(static_cast<std::size_t>(train.class_count));
  for (std::int32_t const c : train.y) known[static_cast<std::size_t>(c)] = true;
  for (std::int32_t const c : test.y)
    if (!known[static_cast<std::size_t>(c)])
      throw_error<io_error>(
          {where, ": expected every class of the test part in the training part, found none of class ", c, " there"});
}

namespace detail {

// Names of everything in a folder, in no particular order.
template <class = void>
[[gnu::cold]] std::vector<std::string> list_folder(std::string const& path) {
  ::DIR* const folder = ::opendir(path.c_str());
  if (folder == nullptr) petra::detail::throw_io("cannot open the folder", path, errno);
  std::vector<std::string> names;
  try {
    while (::dirent const* entry = ::readdir(folder))
      if (std::string_view const name = entry->d_name; name != "." && name != "..") names.emplace_back(name);
  } catch (...) {
    ::closedir(folder);
    throw;
  }
  ::closedir(folder);
  return names;
}

// Names of the training files of CIFAR without .gz, each once; data_batch_2.bin before data_batch_10.bin.
template <class = void>
[[gnu::cold]] std::vector<std::string> cifar_batches(std::vector<std::string> const& names) {
  std::vector<std::string> batches;
  for (std::string name : names) {
    if (name.ends_with(".gz")) name.resize(name.size() - 3);
    if (name.starts_with("data_batch_") && name.ends_with(".bin")) batches.push_back(name);
  }
  std::string const* const batch = batches.data();
  std::vector<std::string> once;
  for (index_t const i : ascending(batches.size(), [=](index_t a, index_t b) {
         return batch[a].size() != batch[b].size() ? batch[a].size() < batch[b].size() : batch[a] < batch[b];
       }))
    if (once.empty() || once.back() != batch[i]) once.push_back(batch[i]);
  return once;
}

// Lines of a file of class names. Throws: io_error unless there are as many as classes.
template <class = void>
[[gnu::cold]] std::vector<std::string> read_class_names(std::string const& path, index_t classes) {
  std::vector<std::string> names;
  std::string const text = read_file(path);
  for (std::size_t at = 0; at < text.size();) {
    std::size_t const end = std::min(text.find('\n', at), text.size());
    std::string_view line = std::string_view(text).substr(at, end - at);
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    if (!line.empty()) names.emplace_back(line);
    at = end + 1;
  }
  if (static_cast<index_t>(names.size()) != classes)
    throw_error<io_error>({"class names '", path, "': expected ", classes, " lines, found ", names.size(),
                           "; correct or remove the file"});
  return names;
}

}  // namespace detail

// `classes`: labels lie in [0, classes).
template <class = void>
[[nodiscard, gnu::cold]] picture_folder load_pictures(std::string const& path, index_t classes = 10) {
  std::vector<std::string> const names = detail::list_folder(path);
  if (names.empty())
    throw_error<io_error>({"the folder '", path, "' is empty: expected IDX, CIFAR-10 or raw RGB files"});
  auto const is_there = [&](std::string const& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  // Path of a file, plain or gzip; empty if missing.
  auto const find = [&](std::string const& name) -> std::string {
    return is_there(name) ? path + '/' + name : is_there(name + ".gz") ? path + '/' + name + ".gz" : std::string();
  };

  std::string const idx_names[] = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",
                                   "t10k-labels-idx1-ubyte"};
  std::string idx[4], missing;
  int idx_found = 0;
  for (int f = 0; f < 4; ++f) {
    idx[f] = find(idx_names[f]);
    idx_found += !idx[f].empty();
    if (idx[f].empty()) missing += ' ' + idx_names[f] + "[.gz]";
  }
  std::vector<std::string> batches = detail::cifar_batches(names);
  for (std::string& batch : batches) batch = find(batch);
  std::string const test_batch = find("test_batch.bin");
  std::string const rgb_train = find("train.bin"), rgb_valid = find("val.bin");
  bool const is_idx = idx_found == 4, is_cifar = !batches.empty() && !test_batch.empty();
  bool const is_rgb = !rgb_train.empty() && !rgb_valid.empty();

  if (is_idx + is_cifar + is_rgb > 1)
    throw_error<io_error>({"the folder '", path, "' holds ", (is_idx ? "IDX and " : ""),
                           (is_cifar && is_rgb ? "CIFAR-10 and raw RGB"
                            : is_cifar         ? "CIFAR-10"
                                               : "raw RGB"),
                           " files: expected one kind; move the others away"});
  picture_folder loaded;
  if (is_idx) {
    loaded = {read_idx(idx[0], idx[1], classes), read_idx(idx[2], idx[3], classes)};
  } else if (is_cifar) {
    loaded = {read_cifar({batches.data(), batches.size()}, {.classes = classes}),
              read_cifar(test_batch, {.classes = classes})};
  } else if (is_rgb) {
    loaded.train = read_raw_rgb(rgb_train, {.classes = classes});
    loaded.test = read_raw_rgb(rgb_valid, {.side = loaded.train.sample_shape()[0], .classes = classes});
  } else if (idx_found > 0) {
    throw_error<io_error>({"the folder '", path, "' holds some IDX files, but not", missing});
  } else if (!batches.empty() || !test_batch.empty()) {
    throw_error<io_error>({"the folder '", path, "' holds some CIFAR-10 files, but no ",
                           (batches.empty() ? "data_batch_*.bin[.gz]" : "test_batch.bin[.gz]")});
  } else if (!rgb_train.empty() || !rgb_valid.empty()) {
    throw_error<io_error>({"the folder '", path, "' holds some raw RGB files, but no ",
                           (rgb_train.empty() ? "train.bin[.gz]" : "val.bin[.gz]")});
  } else {
    throw_error<io_error>(
        {"the folder '", path, "' holds none of the files looked for: IDX:", missing,
         "; CIFAR-10: data_batch_*.bin[.gz] test_batch.bin[.gz]; raw RGB: train.bin[.gz] val.bin[.gz]"});
  }
  require_matching(loaded.train, loaded.test, "the folder '" + path + "'");
  loaded.train.scaling = loaded.test.scaling = fit_normalization(loaded.train);
  for (char const* name : {"labels.txt", "batches.meta.txt"})
    if (is_there(name))
      loaded.train.class_names = loaded.test.class_names = detail::read_class_names(path + '/' + name, classes);
  return loaded;
}

}  // namespace petra::data
