// Where the operands of a step are while it runs: pointers into the arena, to the caller's input and logits, to constants.
#pragma once
#include <cstddef>

#include "petra/deploy/step.hpp"

namespace petra::inline PETRA_ABI::deploy {

struct step_operands {
  step const& s;
  float const* input;
  float* logits;
  std::byte* arena;

  [[nodiscard]] std::int8_t* s8(operand const& o) const noexcept {
    return reinterpret_cast<std::int8_t*>(arena + o.offset);
  }
  [[nodiscard]] float const* source(operand const& o) const noexcept {
    return o.at == operand::where::input ? input : reinterpret_cast<float const*>(arena + o.offset);
  }
  [[nodiscard]] float* target(operand const& o) const noexcept {
    return o.at == operand::where::logits ? logits : reinterpret_cast<float*>(arena + o.offset);
  }
  // The k-th constant, and the extents. Pre: they hold T.
  template <class T>
  [[nodiscard]] T const* constant(std::size_t k) const noexcept {
    return std::get_if<tensor<T>>(&s.constants[k])->data();
  }
  template <class Shape>
  [[nodiscard]] Shape const& shape() const noexcept {
    return *s.shape.get_if<Shape>();
  }
};

}  // namespace petra::deploy
