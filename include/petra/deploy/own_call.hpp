// A call of a kernel that `step` does not know by name: what deploy/execute.hpp, emit_step.hpp and cost_key.hpp ask of it.
//
// Written once, as deploy/call_of.hpp; a program without such layers compiles none of their kernels.
#pragma once
#include <cstddef>
#include <string>
#include <utility>

#include "petra/core/extents.hpp"

namespace petra::inline PETRA_ABI::deploy {

struct step;

class own_call {
 public:
  // name: of the kernel and its extents, "gru_f32{100, 16, 64}": what its time depends on. work: about how many operations,
  // by which the time of other extents is estimated.
  own_call(std::string name, index_t macs, index_t work, bool is_integer)
      : name_(std::move(name)), macs_(macs), work_(work), is_integer_(is_integer) {}
  own_call(own_call const&) = delete;
  own_call& operator=(own_call const&) = delete;
  virtual ~own_call() = default;

  virtual void run(step const& s, float const* input, float* logits, std::byte* arena) const noexcept = 0;
  // What an emitted header must contain beside petra's runtime: nothing, or the text of the kernel.
  [[nodiscard]] virtual char const* source() const noexcept { return ""; }
  // Appends the call as source. Constant k of the step is called `constants` + k.
  virtual void append(std::string& out, step const& s, std::string const& constants) const = 0;

  [[nodiscard]] std::string const& name() const { return name_; }
  [[nodiscard]] index_t macs() const { return macs_; }
  [[nodiscard]] index_t work() const { return work_; }
  // Whether it computes in integers alone: the same bits on every machine.
  [[nodiscard]] bool is_integer() const { return is_integer_; }

 private:
  std::string name_;
  index_t macs_, work_;
  bool is_integer_;
};

}  // namespace petra::deploy
