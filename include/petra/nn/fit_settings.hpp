// Settings of a training.
#pragma once
#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "petra/core/workers.hpp"
#include "petra/data/augment.hpp"
#include "petra/grad/products.hpp"
#include "petra/nn/optimizer.hpp"
#include "petra/nn/parameters.hpp"
#include "petra/nn/schedule.hpp"

namespace petra::inline PETRA_ABI::nn {

// Limits of the gradients, applied before the optimizer sees them; 0: none.
// Source of norm: Pascanu, Mikolov, Bengio, "On the difficulty of training recurrent neural networks", ICML 2013.
struct clip {
  float norm = 0;   // of all gradients together: longer ones are shortened
  float value = 0;  // of every number
  friend bool operator==(clip const&, clip const&) = default;
};

struct checkpoint_functions;
template <class = void>
checkpoint_functions const& checkpoint_files();  // nn/checkpoint.hpp

// A file's path, which brings the functions that write and read it: a training that names no file does not compile them.
struct checkpoint_path : std::string {
  checkpoint_path() = default;
  template <class = void>
  checkpoint_path(std::string path) : std::string(std::move(path)), files(&checkpoint_files<>()) {}
  template <class = void>
  checkpoint_path(char const* path) : std::string(path), files(&checkpoint_files<>()) {}

  checkpoint_functions const* files = nullptr;
};

struct fit_settings {
  index_t epochs = 10;
  index_t batch = 64;          // samples per step; the last, smaller batch of an epoch is left out
  float learning_rate = 0.1f;  // peak
  optimizer_settings optimizer = sgd{};
  schedule_settings schedule = one_cycle{};
  bool augment = true;  // a set that varies its samples does; pictures are cropped and flipped by `augmentation`
  data::crop_flip augmentation{};
  std::uint64_t seed = 1;
  index_t patience = 0;          // > 0: stop after so many epochs without a better metric and return the best model
  checkpoint_path checkpoint{};  // file; "" = none. Written after every epoch, read if it is there
  std::atomic<bool> const* stop = nullptr;  // looked at before every step
  petra::workers workers{};                 // threads: `tbb_executor::lend()`; none: the calling one
  index_t checkpoint_every = 0;             // > 0: the checkpoint is also written after so many steps
  clip clipping{};
  float average = 0;  // > 0: weights are averaged with this decay, and the averages are evaluated and returned
  std::vector<parameter_group> groups{};  // with settings of their own
  float mixup = 0;                        // > 0: batches are blended, alpha of data/mixup.hpp
  index_t views = 1;                      // variations of each sample in a batch: equals of a contrastive loss
  bool prefetch = false;                  // a thread of its own reads the next batch. For sets that read slowly
  products const* bf16 = nullptr;         // &bf16_products<> (grad/bf16.hpp): mixed precision, float weights and sums
};

// Throws: setting_error.
[[gnu::cold]] inline void check(fit_settings const& s, index_t samples) {
  auto fail = [](std::initializer_list<piece> what) { throw_error<setting_error>({"fit: ", concat(what)}); };
  if (s.epochs < 0) fail({"epochs must be >= 0, found ", s.epochs});
  if (s.batch < 1) fail({"batch must be >= 1, found ", s.batch});
  if (!(s.learning_rate > 0)) fail({"learning_rate must be > 0, found ", s.learning_rate});
  if (!(s.clipping.norm >= 0)) fail({"clipping.norm must be >= 0, found ", s.clipping.norm});
  if (!(s.clipping.value >= 0)) fail({"clipping.value must be >= 0, found ", s.clipping.value});
  if (!(s.average >= 0 && s.average < 1)) fail({"average must lie in [0, 1), found ", s.average});
  if (!(s.mixup >= 0 && s.mixup <= 1)) fail({"mixup must lie in [0, 1], found ", s.mixup});
  if (!s.checkpoint.empty() && s.checkpoint.files == nullptr)
    fail({"checkpoint must be assigned as a whole, found one that was appended to: ", s.checkpoint});
  if (s.checkpoint_every < 0) fail({"checkpoint_every must be >= 0, found ", s.checkpoint_every});
  if (s.views < 1 || s.batch % s.views != 0) fail({"views must divide the batch of ", s.batch, ", found ", s.views});
  if (samples < s.batch / s.views)
    fail({"expected at least one batch of ", s.batch / s.views, " samples, found ", samples,
          "; use a smaller batch or more data"});
}

}  // namespace petra::nn
