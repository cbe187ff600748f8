// Between float and int8 grids: the pictures that come in, the maps where a program changes its format.
#include "petra/runtime/quantize.hpp"
#include "../peers/onednn_elementwise.hpp"
#include "../peers/xnnpack_elementwise.hpp"
#include "framed.hpp"
#include "petra/kernel/reference/quantize_s8.hpp"

namespace {

using namespace petra;
using rt::feature_map;

constexpr float scale = 0.02f;
constexpr std::int32_t zero = 3;

template <feature_map M>
void enroll() {
  index_t const n = M.pixels() * M.c;
  auto const row = [=](char const* name, double bytes) {
    return bench::row{.name = name, .shape = bench::text(M), .bytes = bytes * static_cast<double>(n)};
  };
  auto const floats = [=] { return bench::floats(n, 1, -2.5f, 2.5f); };
  auto const integers = [=] { return bench::integers(n, 1); };
  auto const each_row = [](auto const& from, auto* y, auto call) {
    for (index_t i = 0; i < M.h; ++i) call(from.data() + i * M.w * M.c, y + M.origin() + i * M.row());
  };

  bench::row down = row("quantize", 5);
  down.tolerance = 1.01 / 127;  // oneDNN multiplies by 1 / scale
  down.arm("reference", [=] {
    return bench::on_map<std::int8_t>(M, [=, p = floats()](std::int8_t* y) {
      each_row(p, y, [](float const* from, std::int8_t* to) {
        kernel::quantize_s8(kernel::scalar_tag{}, M.w * M.c, from, scale, zero, to);
      });
    });
  });
  auto const quantize = [=](auto shape) {
    return bench::on_map<std::int8_t>(M, [=, p = floats()](std::int8_t* y) {
      auto extents = shape;
      benchmark::DoNotOptimize(extents);
      rt::quantize(extents, p.data(), y, scale, zero);
    });
  };
  down.arm("petra_static", [=] { return quantize(rt::fixed<M>{}); });
  down.arm("petra_dynamic", [=] { return quantize(M); });

  bench::row up = row("dequantize", 5);
  up.arm("reference", [=] {
    return bench::on_map<float>(M, [=, p = integers()](float* y) {
      each_row(p, y, [](std::int8_t const* from, float* to) {
        kernel::dequantize_s8(kernel::scalar_tag{}, M.w * M.c, from, scale, zero, to);
      });
    });
  });
  auto const dequantize = [=](auto shape) {
    return bench::on_map<float>(M, [=, p = bench::framed(M, 1, integers(), std::int8_t{0})](float* y) {
      auto extents = shape;
      benchmark::DoNotOptimize(extents);
      rt::dequantize(extents, p.data(), y, scale, zero);
    });
  };
  static constexpr rt::map_pair pair{.in = M, .out = M};
  up.arm("petra_static", [=] { return dequantize(rt::fixed<pair>{}); });
  up.arm("petra_dynamic", [=] { return dequantize(pair); });
#if BENCH_ONEDNN
  down.arm("onednn", [=] { return bench::onednn::convert<float, std::int8_t>(floats(), 1 / scale, zero); });
#endif
#if BENCH_XNNPACK
  down.arm("xnnpack", [=] { return bench::xnnpack::quantize(floats(), scale, static_cast<std::int8_t>(zero)); });
  up.arm("xnnpack", [=] { return bench::xnnpack::dequantize(integers(), scale, static_cast<std::int8_t>(zero)); });
#endif

  static constexpr rt::requantize_shape change{
      .in = M, .out = M, .in_zero = 3, .scale = rt::quantize_multiplier(0.8), .out_zero = -5};
  bench::row move = row("requantize_s8", 2);
  move.tolerance = 0;
  move.arm("reference", [=] {
    return bench::on_map<std::int8_t>(M, [=, p = integers()](std::int8_t* y) {
      each_row(p, y, [](std::int8_t const* from, std::int8_t* to) {
        kernel::requantize_s8(
            kernel::scalar_tag{}, M.w * M.c,
            {.in_zero = 3, .multiplier = change.scale.multiplier, .shift = change.scale.shift, .out_zero = -5}, from,
            to);
      });
    });
  });
  auto const requantize = [=](auto shape) {
    return bench::on_map<std::int8_t>(M, [=, p = bench::framed(M, 1, integers(), std::int8_t{0})](std::int8_t* y) {
      auto extents = shape;
      benchmark::DoNotOptimize(extents);
      rt::requantize_s8(extents, p.data(), y);
    });
  };
  move.arm("petra_static", [=] { return requantize(rt::fixed<change>{}); });
  move.arm("petra_dynamic", [=] { return requantize(change); });
}

[[maybe_unused]] int const enrolled = [] {
  enroll<feature_map{32, 32, 3, 1}>();
  enroll<feature_map{96, 96, 3, 1}>();
  enroll<feature_map{32, 32, 16, 1}>();
  enroll<feature_map{1, 1, 640, 0}>();
  return 0;
}();

}  // namespace
