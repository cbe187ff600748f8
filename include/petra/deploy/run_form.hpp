// Runs a step whose layer has another form than dense.
//
// Named by lower_settings, not by `run`: a program that lowers dense layers only does not compile these kernels, which
// would be a tenth of the compile time of a search.
#pragma once
#include "petra/deploy/step_operands.hpp"
#include "petra/runtime/dense_bf16.hpp"

namespace petra::inline PETRA_ABI::deploy {

template <class = void>  // compiled where a program with other forms can be run
void run_form(step const& s, float const* input, float* logits, std::byte* arena) noexcept {
  step_operands const o{s, input, logits, arena};
  switch (s.kind) {
    case kernel_kind::winograd_f32:
      return rt::winograd_f32(o.shape<rt::conv_f32_shape>(), o.source(s.a), o.constant<float>(0), o.constant<float>(1),
                              reinterpret_cast<float*>(o.arena + s.scratch.offset), o.target(s.y));
    case kernel_kind::dense_block_sparse_f32:
      return rt::dense_block_sparse_f32(o.shape<rt::block_sparse_f32_shape>(), o.source(s.a), o.constant<float>(0),
                                        o.constant<std::uint16_t>(1), o.constant<float>(2), o.target(s.y));
    case kernel_kind::conv2d_bf16:
    case kernel_kind::dense_bf16:
      return rt::conv2d_bf16(o.shape<rt::conv_f32_shape>(), o.source(s.a), o.constant<std::uint16_t>(0),
                             o.constant<float>(1), o.arena + s.scratch.offset, o.target(s.y));
    case kernel_kind::dense_low_rank_f32:
      return rt::dense_low_rank_f32(o.shape<rt::low_rank_f32_shape>(), o.source(s.a),
                                    {o.constant<float>(0), o.constant<float>(1)},
                                    {o.constant<float>(2), o.constant<float>(3)},
                                    reinterpret_cast<float*>(o.arena + s.scratch.offset), o.target(s.y));
    case kernel_kind::dense_low_rank_s8: {
      auto const factor = [&](std::size_t k) -> rt::low_rank_factor_s8 {
        return {o.constant<std::int8_t>(k), o.constant<std::int32_t>(k + 1), o.constant<std::int32_t>(k + 2),
                o.constant<std::int8_t>(k + 3)};
      };
      return rt::dense_low_rank_s8(o.shape<rt::low_rank_s8_shape>(), o.s8(s.a), factor(0), factor(4), o.s8(s.scratch),
                                   o.s8(s.y));
    }
    case kernel_kind::dense_s4_s8:
      return rt::dense_s4_s8(o.shape<rt::dense_s4_shape>(), o.s8(s.a),
                             reinterpret_cast<std::uint8_t const*>(o.constant<std::int8_t>(0)),
                             o.constant<std::int8_t>(1), o.constant<std::int32_t>(2), o.constant<std::int32_t>(3),
                             o.constant<std::int8_t>(4), o.s8(s.y));
    case kernel_kind::dense_s4_s8_f32:
      return rt::dense_s4_s8_f32(
          o.shape<rt::dense_s4_shape>(), o.s8(s.a), reinterpret_cast<std::uint8_t const*>(o.constant<std::int8_t>(0)),
          o.constant<std::int8_t>(1), o.constant<std::int32_t>(2), o.constant<float>(3), o.target(s.y));
    case kernel_kind::dense_block_sparse_s8:
      return rt::dense_block_sparse_s8(o.shape<rt::block_sparse_shape>(), o.s8(s.a), o.constant<std::int8_t>(0),
                                       o.constant<std::uint16_t>(1), o.constant<std::int32_t>(2),
                                       o.constant<std::int32_t>(3), o.constant<std::int8_t>(4), o.s8(s.y));
    case kernel_kind::dense_block_sparse_s8_f32:
      return rt::dense_block_sparse_s8_f32(o.shape<rt::block_sparse_shape>(), o.s8(s.a), o.constant<std::int8_t>(0),
                                           o.constant<std::uint16_t>(1), o.constant<std::int32_t>(2),
                                           o.constant<float>(3), o.target(s.y));
    case kernel_kind::dense_2_4_s8:
      return rt::dense_2_4_s8(o.shape<rt::dense_2_4_shape>(), o.s8(s.a), o.constant<std::int8_t>(0),
                              o.constant<std::int32_t>(1), o.constant<std::int32_t>(2), o.constant<std::int8_t>(3),
                              o.s8(s.y));
    case kernel_kind::dense_2_4_s8_f32:
      return rt::dense_2_4_s8_f32(o.shape<rt::dense_2_4_shape>(), o.s8(s.a), o.constant<std::int8_t>(0),
                                  o.constant<std::int32_t>(1), o.constant<float>(2), o.target(s.y));
    case kernel_kind::conv2d_add_s8:
      return rt::conv2d_add_s8(o.shape<rt::conv_add_shape>(), o.s8(s.a), o.s8(s.b), o.constant<std::int8_t>(0),
                               o.constant<std::int32_t>(1), o.constant<std::int32_t>(2), o.constant<std::int8_t>(3),
                               o.s8(s.y));
    default:
      return;  // dense: deploy/execute.hpp
  }
}

}  // namespace petra::deploy
