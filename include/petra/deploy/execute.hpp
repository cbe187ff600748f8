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

namespace petra::inline PETRA_ABI::deploy {

// The k-th constant. Pre: it holds T.
template <class T>
T const* constant_at(step const& s, std::size_t k) noexcept {
  return std::get_if<tensor<T>>(&s.constants[k])->data();
}

inline void run(step const& s, float const* input, float* logits, std::byte* arena) noexcept {
  auto const s8 = [&](operand const& o) { return reinterpret_cast<std::int8_t*>(arena + o.offset); };
  auto const source = [&](operand const& o) {
    return o.at == operand::where::input ? input : reinterpret_cast<float const*>(arena + o.offset);
  };
  auto const target = [&](operand const& o) {
    return o.at == operand::where::logits ? logits : reinterpret_cast<float*>(arena + o.offset);
  };
  auto const f32_constant = [&](std::size_t k) { return constant_at<float>(s, k); };
  auto const s8_constant = [&](std::size_t k) { return constant_at<std::int8_t>(s, k); };
  auto const u8_constant = [&](std::size_t k) { return reinterpret_cast<std::uint8_t const*>(s8_constant(k)); };
  auto const u16_constant = [&](std::size_t k) { return constant_at<std::uint16_t>(s, k); };
  auto const s32_constant = [&](std::size_t k) { return constant_at<std::int32_t>(s, k); };
  switch (s.kind) {
    case kernel_kind::load_input_f32:
      return rt::load_input_f32(*std::get_if<rt::feature_map>(&s.shape), source(s.a), target(s.y));
    case kernel_kind::conv2d_f32:
      return rt::conv2d_f32(*std::get_if<rt::conv_f32_shape>(&s.shape), source(s.a), f32_constant(0), f32_constant(1),
                            target(s.y));
    case kernel_kind::depthwise_f32:
      return rt::depthwise_f32(*std::get_if<rt::conv_f32_shape>(&s.shape), source(s.a), f32_constant(0),
                               f32_constant(1), target(s.y));
    case kernel_kind::dense_f32:
      return rt::dense_f32(*std::get_if<rt::conv_f32_shape>(&s.shape), source(s.a), f32_constant(0), f32_constant(1),
                           target(s.y));
    case kernel_kind::winograd_f32:
      return rt::winograd_f32(*std::get_if<rt::conv_f32_shape>(&s.shape), source(s.a), f32_constant(0), f32_constant(1),
                              reinterpret_cast<float*>(arena + s.scratch.offset), target(s.y));
    case kernel_kind::dense_block_sparse_f32:
      return rt::dense_block_sparse_f32(*std::get_if<rt::block_sparse_f32_shape>(&s.shape), source(s.a),
                                        f32_constant(0), u16_constant(1), f32_constant(2), target(s.y));
    case kernel_kind::add_f32:
      return rt::add_f32(*std::get_if<rt::add_f32_shape>(&s.shape), source(s.a), source(s.b), target(s.y));
    case kernel_kind::max_pool_f32:
      return rt::max_pool_f32(*std::get_if<rt::pool_f32_shape>(&s.shape), source(s.a), target(s.y));
    case kernel_kind::avg_pool_f32:
      return rt::avg_pool_f32(*std::get_if<rt::pool_f32_shape>(&s.shape), source(s.a), target(s.y));
    case kernel_kind::quantize:
      return rt::quantize(*std::get_if<rt::feature_map>(&s.shape), source(s.a), s8(s.y), s.scale, s.zero);
    case kernel_kind::dequantize:
      return rt::dequantize(*std::get_if<rt::map_pair>(&s.shape), s8(s.a), target(s.y), s.scale, s.zero);
    case kernel_kind::requantize_s8:
      return rt::requantize_s8(*std::get_if<rt::requantize_shape>(&s.shape), s8(s.a), s8(s.y));
    case kernel_kind::conv2d_s8:
      return rt::conv2d_s8(*std::get_if<rt::conv_shape>(&s.shape), s8(s.a), s8_constant(0), s32_constant(1),
                           s32_constant(2), s8_constant(3), s8(s.y));
    case kernel_kind::depthwise_s8:
      return rt::depthwise_s8(*std::get_if<rt::conv_shape>(&s.shape), s8(s.a), s8_constant(0), s32_constant(1),
                              s32_constant(2), s8_constant(3), s8(s.y));
    case kernel_kind::dense_s8_f32:
      return rt::dense_s8_f32(*std::get_if<rt::conv_shape>(&s.shape), s8(s.a), s8_constant(0), s32_constant(1),
                              f32_constant(2), target(s.y));
    case kernel_kind::dense_s4_s8:
      return rt::dense_s4_s8(*std::get_if<rt::dense_s4_shape>(&s.shape), s8(s.a), u8_constant(0), s8_constant(1),
                             s32_constant(2), s32_constant(3), s8_constant(4), s8(s.y));
    case kernel_kind::dense_s4_s8_f32:
      return rt::dense_s4_s8_f32(*std::get_if<rt::dense_s4_shape>(&s.shape), s8(s.a), u8_constant(0), s8_constant(1),
                                 s32_constant(2), f32_constant(3), target(s.y));
    case kernel_kind::dense_block_sparse_s8:
      return rt::dense_block_sparse_s8(*std::get_if<rt::block_sparse_shape>(&s.shape), s8(s.a), s8_constant(0),
                                       u16_constant(1), s32_constant(2), s32_constant(3), s8_constant(4), s8(s.y));
    case kernel_kind::dense_block_sparse_s8_f32:
      return rt::dense_block_sparse_s8_f32(*std::get_if<rt::block_sparse_shape>(&s.shape), s8(s.a), s8_constant(0),
                                           u16_constant(1), s32_constant(2), f32_constant(3), target(s.y));
    case kernel_kind::dense_2_4_s8:
      return rt::dense_2_4_s8(*std::get_if<rt::dense_2_4_shape>(&s.shape), s8(s.a), s8_constant(0), s32_constant(1),
                              s32_constant(2), s8_constant(3), s8(s.y));
    case kernel_kind::dense_2_4_s8_f32:
      return rt::dense_2_4_s8_f32(*std::get_if<rt::dense_2_4_shape>(&s.shape), s8(s.a), s8_constant(0), s32_constant(1),
                                  f32_constant(2), target(s.y));
    case kernel_kind::add_s8:
      return rt::add_s8(*std::get_if<rt::add_shape>(&s.shape), s8(s.a), s8(s.b), s8(s.y));
    case kernel_kind::max_pool_s8:
      return rt::max_pool_s8(*std::get_if<rt::pool_shape>(&s.shape), s8(s.a), s8(s.y));
    case kernel_kind::avg_pool_s8:
      return rt::avg_pool_s8(*std::get_if<rt::pool_shape>(&s.shape), s8(s.a), s8(s.y));
  }
}

inline void run(program const& p, float const* x, float* logits, std::byte* arena) noexcept {
  expects(reinterpret_cast<std::uintptr_t>(arena) % alignment == 0, "run: the arena must be aligned to 64 bytes");
  for (step const& s : p.steps()) run(s, x, logits, arena);
}

// A program with an arena of its own; one per thread. The program must outlive it.
class session {
 public:
  explicit session(program const& p) : program_(&p), arena_(line<std::byte>(p.arena_bytes())) {}

  void run(float const* x, float* logits) noexcept { deploy::run(*program_, x, logits, arena_.data()); }
  [[nodiscard]] program const& model() const { return *program_; }

 private:
  program const* program_;
  tensor<std::byte> arena_;
};

// logits (N,O) of samples x (N,H,W,C), one after another.
inline void run_batch(session& s, float const* x, index_t count, float* logits) noexcept {
  for (index_t i = 0; i < count; ++i) s.run(x + i * s.model().input_size(), logits + i * s.model().output_size());
}

}  // namespace petra::deploy
