// One call of a runtime kernel: which kernel, its extents, its packed constants, and where its operands lie.
//
// The same description is executed with run-time extents (execute.hpp) and printed with literal ones (emit.hpp), so
// what is measured and what is emitted cannot differ in anything but that.
#pragma once
#include <cstddef>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "petra/core/match.hpp"
#include "petra/core/plain_choice.hpp"
#include "petra/deploy/kernel_call.hpp"
#include "petra/deploy/own_call.hpp"
#include "petra/runtime/conv1d_shape.hpp"
#include "petra/runtime/runtime.hpp"
#include "petra/tensor/tensor.hpp"

namespace petra::inline PETRA_ABI::deploy {

// Order of `name_of(kernel_kind)`.
enum class kernel_kind {
  load_input_f32,
  conv2d_f32,
  depthwise_f32,
  conv1d_f32,
  dense_f32,
  winograd_f32,
  dense_block_sparse_f32,
  conv2d_bf16,
  dense_bf16,
  dense_low_rank_f32,
  add_f32,
  max_pool_f32,
  avg_pool_f32,
  quantize,
  dequantize,
  requantize_s8,
  conv2d_s8,
  depthwise_s8,
  conv1d_s8,
  dense_s8_f32,
  dense_s4_s8,
  dense_s4_s8_f32,
  dense_block_sparse_s8,
  dense_block_sparse_s8_f32,
  dense_2_4_s8,
  dense_2_4_s8_f32,
  dense_low_rank_s8,
  add_s8,
  max_pool_s8,
  avg_pool_s8,
  conv2d_add_s8,
  own  // step::own says which
};

inline constexpr int kernel_kinds = static_cast<int>(kernel_kind::own) + 1;

// Its name in petra::rt, but for `own`.
inline char const* name_of(kernel_kind k) {
  constexpr char const* name[] = {"load_input_f32",
                                  "conv2d_f32",
                                  "depthwise_f32",
                                  "conv1d_f32",
                                  "dense_f32",
                                  "winograd_f32",
                                  "dense_block_sparse_f32",
                                  "conv2d_bf16",
                                  "dense_bf16",
                                  "dense_low_rank_f32",
                                  "add_f32",
                                  "max_pool_f32",
                                  "avg_pool_f32",
                                  "quantize",
                                  "dequantize",
                                  "requantize_s8",
                                  "conv2d_s8",
                                  "depthwise_s8",
                                  "conv1d_s8",
                                  "dense_s8_f32",
                                  "dense_s4_s8",
                                  "dense_s4_s8_f32",
                                  "dense_block_sparse_s8",
                                  "dense_block_sparse_s8_f32",
                                  "dense_2_4_s8",
                                  "dense_2_4_s8_f32",
                                  "dense_low_rank_s8",
                                  "add_s8",
                                  "max_pool_s8",
                                  "avg_pool_s8",
                                  "conv2d_add_s8",
                                  "own"};
  return name[static_cast<int>(k)];
}

// Kernels along a series (deploy/run_series.hpp).
constexpr bool is_series(kernel_kind k) { return k == kernel_kind::conv1d_f32 || k == kernel_kind::conv1d_s8; }

// Kernels that round their inputs and weights to bf16.
constexpr bool is_bf16(kernel_kind k) { return k == kernel_kind::conv2d_bf16 || k == kernel_kind::dense_bf16; }

// Where an activation is: the caller's input or logits, or bytes [offset, ...) of the arena.
struct operand {
  enum class where { none, input, arena, logits };
  where at = where::none;
  index_t offset = 0;
  bool is_int8 = false;
};

using kernel_shape =
    plain_choice<rt::feature_map, rt::conv_f32_shape, rt::add_f32_shape, rt::pool_f32_shape, rt::map_pair,
                 rt::requantize_shape, rt::conv_shape, rt::add_shape, rt::pool_shape, rt::dense_s4_shape,
                 rt::block_sparse_shape, rt::block_sparse_f32_shape, rt::dense_2_4_shape, rt::conv_add_shape,
                 rt::low_rank_f32_shape, rt::low_rank_s8_shape, rt::conv1d_f32_shape, rt::conv1d_shape>;
using constant = std::variant<tensor<std::int8_t>, tensor<std::int32_t>, tensor<float>, tensor<std::uint16_t>>;

// n zeros, aligned as kernels like them.
template <class T>
tensor<T> line(index_t n) {
  return n > 0 ? tensor<T>(shape(n)) : tensor<T>{};
}

// Extents that stand for a matrix product on rows, without frames.
template <class S>
concept product_shape = requires(S s) {
  s.m, s.c, s.o;
};

struct step {
  kernel_kind kind{};
  std::string place;  // in the model, for people
  kernel_shape shape;
  operand a, b, y;                      // b: the second addend, also of a convolution that adds
  operand scratch;                      // memory of the kernel's own, or none
  kernel_call call = nullptr;           // of a kernel that `run` does not name (deploy/kernel_call.hpp)
  std::vector<constant> constants;      // in the order of the kernel's parameters; may be empty
  std::shared_ptr<own_call const> own;  // of kind own: the call itself; `shape` then is the map it writes
  float scale = 0;                      // quantize, dequantize
  int zero = 0;

  [[nodiscard]] index_t size_bytes() const {
    index_t n = 0;
    for (constant const& c : constants)
      n += match(c, [](auto const& t) { return t.size() * static_cast<index_t>(sizeof(*t.data())); });
    return n;
  }
  // Multiply-accumulates, padding taps and zeros counted as in the usual formula; 0 for everything but convolutions.
  [[nodiscard]] index_t macs() const {
    if (own != nullptr) return own->macs();
    auto const of = [](auto const& s) {
      return s.out.h * s.out.w * s.out.c * s.kernel_h * s.kernel_w * (s.in.c / s.groups);
    };
    return shape.match([&](auto const& s) -> index_t {
      if constexpr (requires { s.rank; }) return s.m * s.rank * (s.c + s.o);
      if constexpr (product_shape<decltype(s)>) return s.m * s.c * s.o;
      if constexpr (requires { s.groups; }) return of(s);
      if constexpr (requires { s.taps; }) return s.out.w * s.out.c * s.taps * s.in.c;
      return 0;
    });
  }
};

}  // namespace petra::deploy
