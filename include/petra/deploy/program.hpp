// A model as the device runs it: a flat list of kernel calls with packed constants and arena offsets, for batch 1.
//
// Made by `compile` (deploy/compile.hpp), immutable: threads may run one program at the same time, each with an arena of
// its own.
#pragma once
#include <utility>
#include <vector>

#include "petra/deploy/graph.hpp"
#include "petra/deploy/step.hpp"

namespace petra::inline PETRA_ABI::deploy {

class program {
 public:
  program(std::vector<step> steps, map_shape input, map_shape output, index_t arena_bytes)
      : steps_(std::move(steps)), input_(input), output_(output), arena_bytes_(arena_bytes) {}

  [[nodiscard]] std::vector<step> const& steps() const { return steps_; }
  [[nodiscard]] map_shape input() const { return input_; }
  [[nodiscard]] map_shape output() const { return output_; }
  [[nodiscard]] index_t input_size() const { return input_.count(); }
  [[nodiscard]] index_t output_size() const { return output_.count(); }
  // Peak bytes of activations: what `run` needs besides its arguments, aligned to 64.
  [[nodiscard]] index_t arena_bytes() const { return arena_bytes_; }
  // Bytes of the constants that the emitted header carries.
  [[nodiscard]] index_t size_bytes() const { return total(&step::size_bytes); }
  [[nodiscard]] index_t macs() const { return total(&step::macs); }
  // Integers from the input to the logits: outputs are the same bits on every machine.
  [[nodiscard]] bool is_bit_exact() const {
    for (step const& s : steps_)
      if (s.own != nullptr ? !s.own->is_integer()
                           : s.kind < kernel_kind::quantize && s.kind != kernel_kind::load_input_f32)  // a copy
        return false;
    return true;
  }

 private:
  [[nodiscard]] index_t total(index_t (step::*part)() const) const {
    index_t n = 0;
    for (step const& s : steps_) n += (s.*part)();
    return n;
  }

  std::vector<step> steps_;
  map_shape input_, output_;
  index_t arena_bytes_ = 0;
};

}  // namespace petra::deploy
