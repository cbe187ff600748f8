// What a stage may use besides the model, and what it says about its work.
#pragma once
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "petra/core/error.hpp"
#include "petra/core/random.hpp"
#include "petra/data/augment.hpp"
#include "petra/data/dataset.hpp"

namespace petra::inline PETRA_ABI {

struct stage_report {
  std::string stage;               // as C++ source
  index_t touched = 0;             // places it changed
  std::vector<std::string> notes;  // places it left alone, and why
};

template <data::dataset Data>
struct context {
  Data const* train = nullptr;
  Data const* valid = nullptr;  // never trained on; may be null
  std::uint64_t seed = 1;
  std::optional<data::crop_flip> augmentation{};  // a property of the data: mirrored digits are no digits
  std::atomic<bool> const* stop = nullptr;
  std::FILE* progress = nullptr;  // where trainings show a progress bar; null: nowhere
  std::vector<stage_report>* reports = nullptr;
  // Set by the pipeline: position of the stage. Its random numbers are a function of (seed, position) only, so a pipeline in
  // code and the same genome in a search give the same bits.
  index_t position = 0;
  // Structure only: training leaves the weights as they are. Used to judge costs before any training.
  bool dry = false;

  // The training data, for a stage that cannot do without. Throws: setting_error when there is none.
  [[nodiscard]] Data const& training_data(std::string const& stage) const {
    if (train == nullptr || train->size() < 1)
      throw_error<setting_error>({stage, ": expected training data in context.train, found none"});
    return *train;
  }
  [[nodiscard]] std::uint64_t stage_key() const { return key(seed, 0x7374616765u, position); }
};

}  // namespace petra
