// The batches of a training in their order: filled by the threads that were lent, or one batch ahead by a thread of its own.
//
// Deterministic: what a batch holds is a function of (set, settings, epoch, step), whoever fills it. After the first batch of
// each kind nothing is allocated but the order of an epoch.
#pragma once
#include <pthread.h>

#include <atomic>
#include <exception>
#include <memory>
#include <vector>

#include "petra/data/batch.hpp"
#include "petra/data/mixup.hpp"
#include "petra/data/padded.hpp"
#include "petra/nn/evaluate.hpp"
#include "petra/nn/fit_settings.hpp"

namespace petra::inline PETRA_ABI::nn {

// Stands for `fit_settings::augmentation` where fit is given no other.
struct settings_augmentation {};

template <data::dataset D>
struct batch_of {
  tensor<float> x;                       // (batch, sample_shape)
  std::vector<data::answer<D>> answers;  // (batch, answers)
  std::vector<std::int32_t> lengths;     // (batch) of sequences; empty where samples have no length
  float share = 1;                       // with mixup: of the sample itself, the rest is its partner's
  std::vector<data::answer<D>> partner;  // with mixup: the classes of the partners
};

// Fills one batch: a pure function.
template <data::dataset D, class Augment = settings_augmentation>
class batch_filler {
 public:
  batch_filler(D const& set, fit_settings const& s, Augment const& augment = {})
      : set_(&set), settings_(&s), augment_(augment), rows_(s.batch / s.views) {}

  [[nodiscard]] batch_of<D> empty() const {
    auto const n = static_cast<std::size_t>(settings_->batch);
    batch_of<D> b{tensor<float>(data::batch_shape(*set_, settings_->batch)), {}, {}, 1, {}};
    b.answers.resize(n * static_cast<std::size_t>(data::answers(*set_)));
    if constexpr (variable_length<D>) b.lengths.resize(n);
    if constexpr (data::labeled<D>)
      if (settings_->mixup > 0) b.partner.resize(n);
    return b;
  }
  // order: of the epoch. Throws: setting_error when the augmentation does not fit the samples, and what the set throws.
  void fill(batch_of<D>& b, std::span<index_t const> order, index_t epoch, index_t step, workers const& threads,
            std::vector<float>& scratch) const {
    index_t const count = set_->sample_shape().count(), each = data::answers(*set_);
    if (scratch.size() < static_cast<std::size_t>(count * threads.count))
      scratch.resize(static_cast<std::size_t>(count * threads.count));
    for (index_t view = 0; view < settings_->views; ++view) {
      std::uint64_t const k = key(settings_->seed, 0x617567u, epoch);
      std::uint64_t const view_key = view == 0 ? k : key(k, view);
      pieces const cut{rows_, 8};
      threads.for_each(cut.count(), [&](index_t piece, int worker) {
        index_t const first = cut.first(piece), n = cut.last(piece) - first, row = view * rows_ + first;
        read(order, step * rows_ + first, n, b.x.data() + row * count, b.answers.data() + row * each, view_key,
             scratch.data() + worker * count);
        if constexpr (variable_length<D>) lengths_of(*set_, order, step * rows_ + first, n, b.lengths.data() + row);
      });
    }
    if (settings_->mixup > 0) blend(b, key(settings_->seed, 0x6d6978u, epoch, step));
  }
  // The index in the set of row i of a batch.
  [[nodiscard]] index_t record(std::span<index_t const> order, index_t step, index_t row) const {
    return order[static_cast<std::size_t>(step * rows_ + row % rows_)];
  }
  // Samples of the set that a batch has.
  [[nodiscard]] index_t rows() const { return rows_; }

 private:
  void read(std::span<index_t const> order, index_t first, index_t n, float* x, data::answer<D>* y, std::uint64_t k,
            float* plain) const {
    if constexpr (!std::same_as<Augment, settings_augmentation>) {
      data::fill_batch(*set_, order, first, n, x, y, augment_, k, plain);
    } else {
      if constexpr (data::augmented_dataset<D>) {
        if (settings_->augment)
          return data::fill_batch(*set_, order, first, n, x, y, data::own_augmentation{}, k, plain);
      } else if constexpr (data::varied_dataset<D>) {
        if (settings_->augment) return data::fill_batch(*set_, order, first, n, x, y, set_->variation, k, plain);
      } else if (settings_->augment && set_->sample_shape().rank == 3) {
        return data::fill_batch(*set_, order, first, n, x, y, settings_->augmentation, k, plain);
      }
      data::fill_batch(*set_, order, first, n, x, y);
    }
  }
  void blend(batch_of<D>& b, std::uint64_t k) const {
    index_t const n = settings_->batch;
    b.share = data::mixup{settings_->mixup}.share(k);
    if constexpr (data::labeled<D>)
      data::mix_classes(b.answers.data(), n, b.partner.data());
    else
      data::mix(b.answers.data(), n, data::answers(*set_), b.share);
    data::mix(b.x.data(), n, set_->sample_shape().count(), b.share);
    for (index_t i = 0; i < n / 2 && !b.lengths.empty(); ++i) {
      auto &one = b.lengths[static_cast<std::size_t>(i)],
           &other = b.lengths[static_cast<std::size_t>(data::mix_partner(i, n))];
      one = other = std::max(one, other);
    }
  }

  D const* set_;
  fit_settings const* settings_;
  Augment augment_;
  index_t rows_;
};

// Hands out the batches of one epoch after the other.
template <data::dataset D, class Augment = settings_augmentation>
class batch_stream {
 public:
  // Throws: std::bad_alloc when a thread is asked for and there is none.
  batch_stream(D const& set, fit_settings const& s, Augment const& augment)
      : filler_(set, s, augment), settings_(&s), size_(set.size()) {
    slots_[0] = filler_.empty();
    if (!s.prefetch) return;
    slots_[1] = filler_.empty();
    if (::pthread_create(&thread_, nullptr, &batch_stream::read_ahead, this) != 0) throw std::bad_alloc();
  }
  batch_stream(batch_stream const&) = delete;
  batch_stream& operator=(batch_stream const&) = delete;
  ~batch_stream() {
    if (!settings_->prefetch) return;
    wait_while(wanted);
    set_state(end);
    ::pthread_join(thread_, nullptr);
  }

  void begin_epoch(index_t epoch) {
    if (settings_->prefetch) wait_while(wanted);
    order_ = data::epoch_order(size_, settings_->seed, epoch);
    epoch_ = epoch;
    ahead_ = -1;
  }
  // Batch `step` of the epoch; good until the next call. Throws: what reading the set throws.
  batch_of<D>& get(index_t step) {
    if (!settings_->prefetch) {
      filler_.fill(slots_[0], order_, epoch_, step, settings_->workers, scratch_);
      return slots_[0];
    }
    wait_while(wanted);
    if (ahead_ != step) {
      order_a_batch(step);
      wait_while(wanted);
    }
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
    auto& ready = slots_[static_cast<std::size_t>(ahead_slot_)];
    if ((step + 2) * filler_.rows() <= size_) order_a_batch(step + 1);
    return ready;
  }
  [[nodiscard]] index_t record(index_t step, index_t row) const { return filler_.record(order_, step, row); }

 private:
  enum state : int { idle, wanted, end };

  void wait_while(int s) {
    while (state_.load(std::memory_order_acquire) == s) state_.wait(s, std::memory_order_acquire);
  }
  void set_state(int s) {
    state_.store(s, std::memory_order_release);
    state_.notify_all();
  }
  void order_a_batch(index_t step) {
    ahead_ = step;
    ahead_slot_ = 1 - ahead_slot_;
    set_state(wanted);
  }
  static void* read_ahead(void* me) {
    auto& s = *static_cast<batch_stream*>(me);
    for (;;) {
      s.wait_while(idle);
      if (s.state_.load(std::memory_order_acquire) == end) return nullptr;
      try {
        s.filler_.fill(s.slots_[static_cast<std::size_t>(s.ahead_slot_)], s.order_, s.epoch_, s.ahead_, workers{},
                       s.scratch_);
      } catch (...) {
        s.failure_ = std::current_exception();
      }
      s.set_state(idle);
    }
  }

  batch_filler<D, Augment> filler_;
  fit_settings const* settings_;
  index_t size_;
  std::vector<index_t> order_;
  index_t epoch_ = 0;
  std::vector<float> scratch_;
  batch_of<D> slots_[2];
  // What the reader is asked for; it owns all of this while the state is `wanted`.
  std::atomic<int> state_{idle};
  index_t ahead_ = -1;
  int ahead_slot_ = 0;
  std::exception_ptr failure_;
  ::pthread_t thread_{};
};

}  // namespace petra::nn
