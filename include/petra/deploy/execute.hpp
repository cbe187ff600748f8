// Runs a program with run-time extents: what the search measures and what tests compare with. No allocation, no
// exceptions.
//
// run(program, x, logits, arena)    x (H,W,C) dense float, logits (O) float
// Pre: arena holds program.arena_bytes() bytes, aligned to 64, and overlaps neither x nor logits.
#pragma once
#include <cstddef>
#include <span>

#include "petra/core/assert.hpp"
#include "petra/deploy/arena.hpp"
#include "petra/deploy/program.hpp"
#include "petra/deploy/step_operands.hpp"

namespace petra::inline PETRA_ABI::deploy {

template <class = void>  // all templates: kernels are compiled where a program is run, not where this is included
void run(step const& s, float const* input, float* logits, std::byte* arena) noexcept {
  step_operands const o{s, input, logits, arena};
  switch (s.kind) {
    case kernel_kind::load_input_f32:
      return rt::load_input_f32(o.shape<rt::feature_map>(), o.source(s.a), o.target(s.y));
    case kernel_kind::conv2d_f32:
      return rt::conv2d_f32(o.shape<rt::conv_f32_shape>(), o.source(s.a), o.constant<float>(0), o.constant<float>(1),
                            o.target(s.y));
    case kernel_kind::depthwise_f32:
      return rt::depthwise_f32(o.shape<rt::conv_f32_shape>(), o.source(s.a), o.constant<float>(0), o.constant<float>(1),
                               o.target(s.y));
    case kernel_kind::dense_f32:
      return rt::dense_f32(o.shape<rt::conv_f32_shape>(), o.source(s.a), o.constant<float>(0), o.constant<float>(1),
                           o.target(s.y));
    case kernel_kind::add_f32:
      return rt::add_f32(o.shape<rt::add_f32_shape>(), o.source(s.a), o.source(s.b), o.target(s.y));
    case kernel_kind::max_pool_f32:
      return rt::max_pool_f32(o.shape<rt::pool_f32_shape>(), o.source(s.a), o.target(s.y));
    case kernel_kind::avg_pool_f32:
      return rt::avg_pool_f32(o.shape<rt::pool_f32_shape>(), o.source(s.a), o.target(s.y));
    case kernel_kind::quantize:
      return rt::quantize(o.shape<rt::feature_map>(), o.source(s.a), o.s8(s.y), s.scale, s.zero);
    case kernel_kind::dequantize:
      return rt::dequantize(o.shape<rt::map_pair>(), o.s8(s.a), o.target(s.y), s.scale, s.zero);
    case kernel_kind::requantize_s8:
      return rt::requantize_s8(o.shape<rt::requantize_shape>(), o.s8(s.a), o.s8(s.y));
    case kernel_kind::conv2d_s8:
      return rt::conv2d_s8(o.shape<rt::conv_shape>(), o.s8(s.a), o.constant<std::int8_t>(0),
                           o.constant<std::int32_t>(1), o.constant<std::int32_t>(2), o.constant<std::int8_t>(3),
                           o.s8(s.y));
    case kernel_kind::depthwise_s8:
      return rt::depthwise_s8(o.shape<rt::conv_shape>(), o.s8(s.a), o.constant<std::int8_t>(0),
                              o.constant<std::int32_t>(1), o.constant<std::int32_t>(2), o.constant<std::int8_t>(3),
                              o.s8(s.y));
    case kernel_kind::dense_s8_f32:
      return rt::dense_s8_f32(o.shape<rt::conv_shape>(), o.s8(s.a), o.constant<std::int8_t>(0),
                              o.constant<std::int32_t>(1), o.constant<float>(2), o.target(s.y));
    case kernel_kind::add_s8:
      return rt::add_s8(o.shape<rt::add_shape>(), o.s8(s.a), o.s8(s.b), o.s8(s.y));
    case kernel_kind::max_pool_s8:
      return rt::max_pool_s8(o.shape<rt::pool_shape>(), o.s8(s.a), o.s8(s.y));
    case kernel_kind::avg_pool_s8:
      return rt::avg_pool_s8(o.shape<rt::pool_shape>(), o.s8(s.a), o.s8(s.y));
    case kernel_kind::own:
      return s.own->run(s, input, logits, arena);
    default:  // a form that is not dense brings its own
      return s.call(s, input, logits, arena);
  }
}

template <class = void>
void run(program const& p, float const* x, float* logits, std::byte* arena) noexcept {
  expects(reinterpret_cast<std::uintptr_t>(arena) % alignment == 0, "run: the arena must be aligned to 64 bytes");
  for (step const& s : p.steps()) run(s, x, logits, arena);
}

// A program with an arena of its own; one per thread. The program must outlive it.
class session {
 public:
  explicit session(program const& p) : program_(&p), arena_(line<std::byte>(p.arena_bytes())) {}

  template <class = void>
  void run(float const* x, float* logits) noexcept {
    deploy::run(*program_, x, logits, arena_.data());
  }
  [[nodiscard]] program const& model() const { return *program_; }

 private:
  program const* program_;
  tensor<std::byte> arena_;
};

// logits (N,O) of samples x (N,H,W,C), one after another.
template <class = void>
void run_batch(session& s, float const* x, index_t count, float* logits) noexcept {
  for (index_t i = 0; i < count; ++i) s.run(x + i * s.model().input_size(), logits + i * s.model().output_size());
}

}  // namespace petra::deploy
