// XNNPACK's operators that go over arrays once, as arms: functions of elements, sums, softmax, pooling, changes of format.
#pragma once
#if BENCH_XNNPACK
#include <cstdint>
#include <stdexcept>
#include <vector>

#include "xnnpack.hpp"

namespace bench::xnnpack {

// An operator, set up once. From, To: elements.
template <class From, class To>
struct array_operation {
  lines<From> x, other;
  lines<To> y;
  operation op;
  void operator()() { op.run(); }
  [[nodiscard]] lines<To> const& result() const { return y; }
};

// create(operator), setup(operator, x, other, y); both return a status.
template <class From, class To, class Create, class Setup>
array_operation<From, To> arm_of(std::vector<From> const& x, std::vector<From> const& other, index_t results,
                                 Create create, Setup setup) {
  array_operation<From, To> a{padded(x), padded(other), lines<To>(static_cast<std::size_t>(results)), operation()};
  if (create(&a.op) != xnn_status_success ||
      setup(static_cast<xnn_operator_t>(a.op), a.x.data(), a.other.data(), a.y.data()) != xnn_status_success)
    throw std::runtime_error("XNNPACK has no such operator");
  return a;
}

inline constexpr float infinite = std::numeric_limits<float>::infinity();
constexpr std::size_t size(index_t i) { return static_cast<std::size_t>(i); }

inline auto add(std::vector<float> const& a, std::vector<float> const& b, bool relu = false) {
  std::size_t const n = a.size();
  return arm_of<float, float>(
      a, b, static_cast<index_t>(n),
      [=](xnn_operator_t* op) { return xnn_create_add_nd_f32(relu ? 0 : -infinite, infinite, 0, op); },
      [=](xnn_operator_t op, float const* p, float const* q, float* y) {
        return xnn_setup_add_nd_f32(op, 1, &n, 1, &n, p, q, y, nullptr);
      });
}
// Scales are those of the grids; all zero points are 0.
inline auto add(std::vector<std::int8_t> const& a, std::vector<std::int8_t> const& b, float a_scale, float b_scale,
                float y_scale, bool relu) {
  std::size_t const n = a.size();
  return arm_of<std::int8_t, std::int8_t>(
      a, b, static_cast<index_t>(n),
      [=](xnn_operator_t* op) {
        return xnn_create_add_nd_qs8(0, a_scale, 0, b_scale, 0, y_scale, relu ? 0 : -128, 127, 0, op);
      },
      [=](xnn_operator_t op, std::int8_t const* p, std::int8_t const* q, std::int8_t* y) {
        return xnn_setup_add_nd_qs8(op, 1, &n, 1, &n, p, q, y, nullptr);
      });
}

inline auto relu(std::vector<float> const& x) {
  auto const n = static_cast<index_t>(x.size());
  return arm_of<float, float>(
      x, {}, n, [=](xnn_operator_t* op) { return xnn_create_clamp_nc_f32(1, 1, 1, 0, infinite, 0, op); },
      [=](xnn_operator_t op, float const* p, float const*, float* y) {
        return xnn_setup_clamp_nc_f32(op, size(n), p, y, nullptr);
      });
}
inline auto sigmoid(std::vector<float> const& x) {
  auto const n = static_cast<index_t>(x.size());
  return arm_of<float, float>(
      x, {}, n, [=](xnn_operator_t* op) { return xnn_create_sigmoid_nc_f32(1, 1, 1, 0, op); },
      [=](xnn_operator_t op, float const* p, float const*, float* y) {
        return xnn_setup_sigmoid_nc_f32(op, size(n), p, y, nullptr);
      });
}
// Between int8 grids: output of scale 1 / 256, zero point -128.
inline auto sigmoid(std::vector<std::int8_t> const& x, float scale) {
  auto const n = static_cast<index_t>(x.size());
  return arm_of<std::int8_t, std::int8_t>(
      x, {}, n,
      [=](xnn_operator_t* op) {
        return xnn_create_sigmoid_nc_qs8(1, 1, 1, 0, scale, -128, 1.f / 256, -128, 127, 0, op);
      },
      [=](xnn_operator_t op, std::int8_t const* p, std::int8_t const*, std::int8_t* y) {
        return xnn_setup_sigmoid_nc_qs8(op, size(n), p, y, nullptr);
      });
}

inline auto softmax(index_t rows, index_t cols, std::vector<float> const& x) {
  std::size_t const c = size(cols);
  return arm_of<float, float>(
      x, {}, rows * cols, [=](xnn_operator_t* op) { return xnn_create_softmax_nc_f32(c, c, c, 0, op); },
      [=](xnn_operator_t op, float const* p, float const*, float* y) {
        return xnn_setup_softmax_nc_f32(op, size(rows), p, y, nullptr);
      });
}
// Unsigned: y = nearest(256 p), at most 255.
inline auto softmax(index_t rows, index_t cols, std::vector<std::uint8_t> const& x, float scale) {
  std::size_t const c = size(cols);
  return arm_of<std::uint8_t, std::uint8_t>(
      x, {}, rows * cols,
      [=](xnn_operator_t* op) { return xnn_create_softmax_nc_qu8(c, c, c, scale, 0, 1.f / 256, 0, op); },
      [=](xnn_operator_t op, std::uint8_t const* p, std::uint8_t const*, std::uint8_t* y) {
        return xnn_setup_softmax_nc_qu8(op, size(rows), p, y, nullptr);
      });
}

// Windows of k x k over x (N,H,W,C), no padding.
inline auto max_pool(index_t n, index_t h, index_t w, index_t c, index_t k, index_t stride,
                     std::vector<float> const& x) {
  auto const u = [](index_t i) { return static_cast<std::uint32_t>(i); };
  return arm_of<float, float>(
      x, {}, n * ((h - k) / stride + 1) * ((w - k) / stride + 1) * c,
      [=](xnn_operator_t* op) {
        return xnn_create_max_pooling2d_nhwc_f32(0, 0, 0, 0, u(k), u(k), u(stride), u(stride), 1, 1, size(c), size(c),
                                                 size(c), -infinite, infinite, 0, op);
      },
      [=](xnn_operator_t op, float const* p, float const*, float* y) {
        return xnn_setup_max_pooling2d_nhwc_f32(op, size(n), size(h), size(w), p, y, nullptr);
      });
}
inline auto max_pool(index_t n, index_t h, index_t w, index_t c, index_t k, index_t stride,
                     std::vector<std::int8_t> const& x) {
  auto const u = [](index_t i) { return static_cast<std::uint32_t>(i); };
  return arm_of<std::int8_t, std::int8_t>(
      x, {}, n * ((h - k) / stride + 1) * ((w - k) / stride + 1) * c,
      [=](xnn_operator_t* op) {
        return xnn_create_max_pooling2d_nhwc_s8(0, 0, 0, 0, u(k), u(k), u(stride), u(stride), 1, 1, size(c), size(c),
                                                size(c), -128, 127, 0, op);
      },
      [=](xnn_operator_t op, std::int8_t const* p, std::int8_t const*, std::int8_t* y) {
        return xnn_setup_max_pooling2d_nhwc_s8(op, size(n), size(h), size(w), p, y, nullptr);
      });
}
// The mean of each channel of x (N,pixels,C).
inline auto mean(index_t n, index_t pixels, index_t c, std::vector<float> const& x) {
  return arm_of<float, float>(
      x, {}, n * c,
      [=](xnn_operator_t* op) {
        return xnn_create_global_average_pooling_nwc_f32(size(c), size(c), size(c), -infinite, infinite, 0, op);
      },
      [=](xnn_operator_t op, float const* p, float const*, float* y) {
        return xnn_setup_global_average_pooling_nwc_f32(op, size(n), size(pixels), p, y, nullptr);
      });
}
inline auto mean(index_t n, index_t pixels, index_t c, std::vector<std::int8_t> const& x) {
  return arm_of<std::int8_t, std::int8_t>(
      x, {}, n * c,
      [=](xnn_operator_t* op) {
        return xnn_create_global_average_pooling_nwc_qs8(size(c), size(c), size(c), 0, 1.f, 0, 1.f, -128, 127, 0, op);
      },
      [=](xnn_operator_t op, std::int8_t const* p, std::int8_t const*, std::int8_t* y) {
        return xnn_setup_global_average_pooling_nwc_qs8(op, size(n), size(pixels), p, y, nullptr);
      });
}

inline auto quantize(std::vector<float> const& x, float scale, std::int8_t zero) {
  auto const n = static_cast<index_t>(x.size());
  return arm_of<float, std::int8_t>(
      x, {}, n,
      [=](xnn_operator_t* op) { return xnn_create_convert_nc_f32_qs8(1, 1, 1, scale, zero, -128, 127, 0, op); },
      [=](xnn_operator_t op, float const* p, float const*, std::int8_t* y) {
        return xnn_setup_convert_nc_f32_qs8(op, size(n), p, y, nullptr);
      });
}
inline auto dequantize(std::vector<std::int8_t> const& x, float scale, std::int8_t zero) {
  auto const n = static_cast<index_t>(x.size());
  return arm_of<std::int8_t, float>(
      x, {}, n, [=](xnn_operator_t* op) { return xnn_create_convert_nc_qs8_f32(1, 1, 1, scale, zero, 0, op); },
      [=](xnn_operator_t op, std::int8_t const* p, std::int8_t const*, float* y) {
        return xnn_setup_convert_nc_qs8_f32(op, size(n), p, y, nullptr);
      });
}

}  // namespace bench::xnnpack
#endif
