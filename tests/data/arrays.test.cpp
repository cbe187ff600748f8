#include "petra/data/arrays.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "numpy_files.hpp"
#include "petra/data/batch.hpp"
#include "petra/data/split.hpp"

using namespace petra_test;
using petra::index_t;
using petra::data::read_labeled_arrays;
using petra::data::read_labeled_npz;
using petra::data::read_target_arrays;

namespace {

// The message of reading X with the shape and values and y.
std::string arrays_error(std::string const& shape, std::vector<float> const& x, bytes const& y, bool targets = false) {
  scratch_folder const folder;
  std::string const a = folder.file("a.npy", npy_file("<f4", shape, x)), b = folder.file("b.npy", y);
  return io_message([&] {
    if (targets)
      static_cast<void>(read_target_arrays(a, b));
    else
      static_cast<void>(read_labeled_arrays(a, b));
  });
}
bytes classes(std::vector<std::int64_t> const& y) { return npy_file("<i8", "(" + std::to_string(y.size()) + ",)", y); }

}  // namespace

TEST_CASE("arrays: X and y of one .npz are a set with classes") {
  scratch_folder const folder;
  auto set = read_labeled_npz(folder.file("set.npz", savez_compressed()));
  CHECK(set.size() == 4);
  CHECK(set.sample_shape() == petra::shape(2));
  CHECK(set.classes() == 3);
  CHECK(set.y == std::vector<std::int32_t>{0, 1, 2, 1});
  float out[2];
  set.read(3, out);
  CHECK(out[1] == 8.5f);
  petra::data::fit_columns(set);
  CHECK(set.columns[0].mean == 4);
  set.read(0, out);
  CHECK(out[0] == doctest::Approx(-3 / std::sqrt(5.)));

  auto const [train, valid] = petra::data::split(set, 0.3, 1);
  CHECK(train.size() == 3);  // one of the two samples of class 1
  CHECK(valid.label(0) == 1);
  CHECK(valid.columns == set.columns);
  CHECK(valid.class_count == 3);
}

TEST_CASE("arrays: pictures and numbers to predict") {
  scratch_folder const folder;
  std::vector<float> x(2 * 3 * 4 * 2);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 2 == 0 ? 10 : i);
  std::string const a = folder.file("a.npy", npy_file("<f4", "(2, 3, 4, 2)", x));
  auto set = read_target_arrays(a, folder.file("b.npy", npy_file<double>("<f8", "(2, 3)", {1, 2, 3, 4, 5, 6})));
  CHECK(set.sample_shape() == petra::shape(3, 4, 2));
  CHECK(petra::data::outputs(set) == 3);
  petra::data::fit_columns(set);
  CHECK(set.columns[0].deviation == 1);
  std::vector<index_t> const order{1};
  std::vector<float> batch(24), y(3);
  petra::data::fill_batch(set, order, 0, 1, batch.data(), y.data());
  CHECK(y == std::vector<float>{4, 5, 6});
  CHECK(batch[0] == 0);
  CHECK(petra::data::take(set, 1).y == petra::tensor<float>({1, 3}, {1, 2, 3}));
  CHECK(read_target_arrays(a, folder.file("b.npy", npy_file<float>("<f4", "(2,)", {1, 2}))).targets() == 1);
}

TEST_CASE("arrays: what does not belong together names file and sample") {
  CHECK(says(arrays_error("(2, 1)", {1, 2}, classes({0, 1, 1})), "a.npy' and '", "b.npy", "each of 2 samples",
             "found 3"));
  CHECK(says(arrays_error("(2,)", {1, 2}, classes({0, 1})), "2 to 4 axes", "found 1"));
  CHECK(says(arrays_error("(2, 1)", {1, 2}, classes({0, -1})), "[0, 1048576)", "found -1 for sample 1"));
  CHECK(says(arrays_error("(2, 1)", {1, 2}, classes({0, 1048576})), "found 1048576"));
  CHECK(says(arrays_error("(2, 1)", {1, 2}, npy_file<float>("<f4", "(2,)", {0, 1})), "b.npy", "whole numbers"));
  CHECK(says(arrays_error("(2, 1)", {1, 2}, npy_file<std::int64_t>("<i8", "(1, 2)", {0, 1})), "classes y (N)",
             "found 2 axes"));
  for (float const bad : {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    CHECK(says(arrays_error("(2, 2)", {1, 2, 3, bad}, classes({0, 1})), "finite", "in X of sample 1"));
    CHECK(says(arrays_error("(2, 1)", {1, 2}, npy_file<float>("<f4", "(2, 1)", {bad, 1}), true), "in y of sample 0"));
  }
  CHECK(says(arrays_error("(2, 1)", {1, 2}, npy_file<float>("<f4", "(2, 1, 1)", {1, 1}), true), "found 3 axes"));
}
