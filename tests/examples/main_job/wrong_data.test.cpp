// Data that cannot be used: one line that names the file and the place, exit code 1, and no folder.
#include <string>
#include <vector>

#include "run.hpp"
#include "sample_inputs.hpp"

using namespace petra_test;

namespace {

std::string refusal_of(std::string const& data) {
  scratch_folder const folder;
  std::string const out = folder.path() + "/out";
  auto const run = run_search({"--out", out, "--data", data, "--evaluations", "1"});
  CHECK(run.code == 1);
  CHECK(run.out.empty());
  CHECK_FALSE(std::filesystem::exists(out));
  CHECK(run.seconds < 30);
  return run.refusal();
}

// `change` damages what would be a good folder.
template <class Change>
std::string refusal(Change const& change) {
  picture_files files;
  scratch_folder const folder;
  change(files);
  files.write_to(folder);
  return refusal_of(folder.path());
}

// The same, with the training images in a gzip file.
template <class Change>
std::string gzip_refusal(Change const& change) {
  picture_files const files;
  scratch_folder const folder;
  files.write_to(folder);
  folder.remove("train-images-idx3-ubyte");
  folder.file("train-images-idx3-ubyte.gz", change(files.train_images));
  return refusal_of(folder.path());
}

std::string cifar_refusal(bytes const& train, bytes const& test) {
  scratch_folder const folder;
  folder.file("data_batch_1.bin", train);
  folder.file("test_batch.bin", test);
  return refusal_of(folder.path());
}

bytes cifar_records(std::size_t n) {
  bytes all;
  for (std::size_t i = 0; i < n; ++i)
    all = all + bytes{static_cast<unsigned char>(i % 10)} + bytes(3072, static_cast<unsigned char>(i));
  return all;
}

}  // namespace

TEST_CASE("04_search: a folder that is not there, empty, or without the files") {
  scratch_folder const folder;
  CHECK(says(refusal_of(folder.path() + "/nowhere"), "nowhere", "No such file or directory"));
  CHECK(says(refusal_of(folder.file("a_file", {1, 2, 3})), "a_file", "Not a directory"));
  folder.remove("a_file");
  CHECK(says(refusal_of(folder.path()), "is empty"));
  folder.file("notes.txt", {'x'});
  CHECK(says(refusal_of(folder.path()), "holds none of the files looked for", "train-images-idx3-ubyte",
             "data_batch_*.bin"));
  picture_files().write_to(folder);
  folder.remove("t10k-labels-idx1-ubyte");
  CHECK(says(refusal_of(folder.path()), "some IDX files, but not t10k-labels-idx1-ubyte"));
}

TEST_CASE("04_search: truncated and corrupted IDX") {
  CHECK(says(refusal([](picture_files& f) { f.train_images.resize(50'000); }), "train-images-idx3-ubyte", "86416",
             "truncated", "50000"));
  CHECK(says(refusal([](picture_files& f) { f.test_labels.resize(100); }), "t10k-labels-idx1-ubyte", "truncated"));
  CHECK(says(refusal([](picture_files& f) { f.train_labels.resize(3); }), "train-labels-idx1-ubyte", "header",
             "3 bytes"));
  CHECK(says(refusal([](picture_files& f) { f.train_images.clear(); }), "train-images-idx3-ubyte", "empty"));
  CHECK(says(refusal([](picture_files& f) { f.test_images[3] = 1; }), "t10k-images-idx3-ubyte", "magic number"));
  CHECK(
      says(refusal([](picture_files& f) { f.train_images.push_back(0); }), "train-images-idx3-ubyte", "trailing data"));
  CHECK(says(refusal([](picture_files& f) { f.train_images[4] = 255; }), "train-images-idx3-ubyte", "damaged"));
  CHECK(says(refusal([](picture_files& f) { f.train_images[11] = 0; }), "train-images-idx3-ubyte", "sides of 1 to"));
}

TEST_CASE("04_search: labels and pictures that do not belong together") {
  CHECK(says(refusal([](picture_files& f) { f.train_labels = picture_files(603).train_labels; }),
             "as many images as labels", "600", "603"));
  CHECK(says(refusal([](picture_files& f) { f.train_labels[108] = 10; }), "train-labels-idx1-ubyte", "label 10",
             "offset 108"));
  CHECK(says(refusal([](picture_files& f) { f.test_labels[8] = 255; }), "t10k-labels-idx1-ubyte", "label 255",
             "offset 8"));
  CHECK(says(refusal([](picture_files& f) { f.test_labels[8] = 7; }), "none of class 7"));
  CHECK(says(refusal([](picture_files& f) {
               picture_files const other(600, 16);
               f.test_images = other.test_images;
             }),
             "one size", "12 x 12 x 1", "16 x 16 x 1"));
}

TEST_CASE("04_search: fewer pictures than a batch") {
  auto const few = [](petra::index_t n) { return refusal([n](picture_files& f) { f = picture_files(n); }); };
  CHECK(says(few(66), "at least 72 training pictures", "found 66"));
  CHECK(says(few(9), "9 samples", "no sample for validation"));
}

TEST_CASE("04_search: truncated and corrupted gzip, trailing data, and a size bomb") {
  CHECK(says(gzip_refusal([](bytes const& b) { return first(gzip(b), 20'000); }), "train-images-idx3-ubyte.gz",
             "truncated gzip"));
  CHECK(says(gzip_refusal([](bytes const& b) {
               bytes z = gzip(b);
               z[z.size() - 6] ^= 1;  // of the checksum
               return z;
             }),
             "train-images-idx3-ubyte.gz", "corrupt gzip stream"));
  CHECK(says(gzip_refusal([](bytes const& b) {
               return gzip(b) + bytes{'m', 'o', 'r', 'e'};
             }),
             "trailing data after its gzip stream"));
  // 64 MB of zeros in 64 kB behind a header that promises 86 kB.
  CHECK(says(gzip_refusal([](bytes const& b) { return gzip(first(b, 16) + bytes(64 << 20, 0)); }),
             "more than the 86416 bytes"));
  // A header that promises 60,000 pictures of 4096 x 4096.
  CHECK(says(gzip_refusal([](bytes const& b) {
               return gzip(first(b, 4) + big_endian(60'000) + big_endian(4096) + big_endian(4096) + bytes(1000, 0));
             }),
             "damaged"));
}

TEST_CASE("04_search: truncated and corrupted CIFAR") {
  bytes const good = cifar_records(100);
  CHECK(says(cifar_refusal(first(good, 200'000), good), "data_batch_1.bin", "multiple of 3073", "truncated"));
  CHECK(says(cifar_refusal(good, {}), "test_batch.bin", "empty"));
  bytes wrong_label = good;
  wrong_label[3073 * 5] = 17;
  CHECK(says(cifar_refusal(wrong_label, good), "data_batch_1.bin", "label 17", "offset 15365"));
  CHECK(says(cifar_refusal(gzip(good) + bytes{0}, good), "data_batch_1.bin", "trailing data"));
  scratch_folder const both;
  picture_files().write_to(both);
  both.file("data_batch_1.bin", good);
  both.file("test_batch.bin", good);
  CHECK(says(refusal_of(both.path()), "IDX and CIFAR-10 files"));
}
