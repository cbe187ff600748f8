// Runs a step of a convolution whose taps are not neighbors, along a series (runtime/conv1d_shape.hpp).
//
// Named by the layers that need it, not by `run`: a program without them does not compile these kernels. Series whose taps
// are neighbors are maps of one row to the kernels of two dimensions.
#pragma once
#include "petra/deploy/step_operands.hpp"
#include "petra/runtime/conv1d_f32.hpp"
#include "petra/runtime/conv1d_s8.hpp"

namespace petra::inline PETRA_ABI::deploy {

template <class = void>  // compiled where a model has such a layer
void run_series(step const& s, float const* input, float* logits, std::byte* arena) noexcept {
  step_operands const o{s, input, logits, arena};
  if (s.kind == kernel_kind::conv1d_f32)
    return rt::conv1d_f32(o.shape<rt::conv1d_f32_shape>(), o.source(s.a), o.constant<float>(0), o.constant<float>(1),
                          o.target(s.y));
  rt::conv1d_s8(o.shape<rt::conv1d_shape>(), o.s8(s.a), o.constant<std::int8_t>(0), o.constant<std::int32_t>(1),
                o.constant<std::int32_t>(2), o.constant<std::int8_t>(3), o.s8(s.y));
}

}  // namespace petra::deploy
