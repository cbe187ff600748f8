// Whole models, batch 1 (ResNet-20 also 64, image by image): chains of runtime layers with random weights, extents at
// run time. Recorded times: chains of oneDNN's primitives, LibTorch where there is none.
#include <string>
#include <vector>

#include "../arms.hpp"
#include "petra/runtime/add_f32.hpp"
#include "petra/runtime/add_s8.hpp"
#include "petra/runtime/conv1d_f32.hpp"
#include "petra/runtime/conv1d_s8.hpp"
#include "petra/runtime/conv2d_add_s8.hpp"
#include "petra/runtime/linear_sum.hpp"
#include "petra/runtime/pool_f32.hpp"
#include "petra/runtime/pool_s8.hpp"
#include "petra/runtime/winograd_f32.hpp"
#include "petra/tensor/tensor.hpp"

namespace {

using namespace petra;
using rt::feature_map, rt::series_map;

struct settings {
  bool winograd = false;
};

// A program: steps that read and write maps. T: float or std::int8_t (all grids alike).
template <class T>
class net {
 public:
  static constexpr bool is_float = std::is_same_v<T, float>;
  explicit net(settings s = {}) : settings_(s) {}
  void operator()() {
    for (auto& s : steps_) s();
  }
  [[nodiscard]] double operations() const { return operations_; }

  // A new map, all `fill`.
  int map(feature_map m) {
    maps_.push_back(m);
    buffers_.push_back(make<T>(m.elements() + 64, [](petra::random& r) {
      if constexpr (is_float)
        return r.uniform(0.f, 1.f);
      else
        return static_cast<std::int8_t>(r.index(128) - 128);
    }));
    return static_cast<int>(maps_.size()) - 1;
  }
  [[nodiscard]] feature_map at(int i) const { return maps_[static_cast<std::size_t>(i)]; }

  // What add() adds: grids as calibration might give.
  static rt::add_shape addition(feature_map const& a, feature_map const& b, feature_map const& out) {
    rt::add_shape s{.a = a, .b = b, .out = out, .a_zero = -128, .b_zero = -128};
    s.out_zero = -128;
    return rt::with_linear_sum(rt::add_scales(s, 0.02, 0.03, 0.03));
  }
  // A 3 x 3 convolution and the addition of map b; one call in int8.
  int conv_add(int x, int b, index_t o, index_t halo) {
    if constexpr (is_float) {
      return add(conv(x, o, 3, 3, 1, 0, 1, false), b, halo);
    } else {
      feature_map const in = at(x), out{in.h, in.w, o, halo};
      int const y = at(b) == out ? b : map(out);  // over the addend where frames agree, as the planner does
      operations_ += 2. * static_cast<double>(out.pixels() * o * 9 * in.c);
      T *const px = data(x), *const pb = data(b), *const py = data(y);
      rt::conv_shape const s{in, out, 3, 3, 1, 1, 1, -128, -128, 127};
      rt::conv_add_shape const joined = rt::join(s, addition(out, at(b), out));
      auto const f = factors(o);
      std::int8_t const* const w = keep<std::int8_t>(rt::packed_size(s));
      steps_.push_back([=] { rt::conv2d_add_s8(joined, px, pb, w, f.bias, f.multiplier, f.shift, py); });
      return y;
    }
  }

  // halo: of the output.
  int conv(int x, index_t o, index_t kernel_h, index_t kernel_w, index_t stride, index_t halo, index_t groups = 1,
           bool relu = true, bool same = true) {
    feature_map const in = at(x);
    index_t const pad = same ? (kernel_h > kernel_w ? kernel_h : kernel_w) / 2 : 0;
    feature_map const out{same ? (in.h - 1) / stride + 1 : 1, same ? (in.w - 1) / stride + 1 : 1, o, halo};
    int const y = map(out);
    operations_ += 2. * static_cast<double>(out.pixels() * o * kernel_h * kernel_w * in.c / groups);
    T *const px = data(x), *const py = data(y);
    if constexpr (is_float) {
      rt::conv_f32_shape const s{in, out, kernel_h, kernel_w, stride, pad, groups, relu};
      float const* const bias = keep<float>(o);
      if (settings_.winograd && rt::suits_winograd(s) && in.c >= 16 && same) {
        float const* const w = keep<float>(rt::winograd_size(s));
        float* const scratch = keep<float>(rt::winograd_scratch(s));
        steps_.push_back([=] { rt::winograd_f32(s, px, w, bias, scratch, py); });
      } else {
        float const* const w = keep<float>(rt::packed_size(s));
        steps_.push_back([=] { rt::conv2d_f32(s, px, w, bias, py); });
      }
    } else {
      rt::conv_shape const s{in, out, kernel_h, kernel_w, stride, pad, groups, -128, -128, 127};
      auto const f = factors(o);
      std::int8_t const* const w = keep<std::int8_t>(rt::packed_size(s));
      steps_.push_back([=] { rt::conv2d_s8(s, px, w, f.bias, f.multiplier, f.shift, py); });
    }
    return y;
  }
  int add(int a, int b, index_t halo) {
    feature_map out = at(a);
    out.halo = halo;
    int const y = map(out);
    T *const pa = data(a), *const pb = data(b), *const py = data(y);
    if constexpr (is_float) {
      rt::add_f32_shape const s{at(a), at(b), out, true};
      steps_.push_back([=] { rt::add_f32(s, pa, pb, py); });
    } else {
      rt::add_shape const s = addition(at(a), at(b), out);
      steps_.push_back([=] { rt::add_s8(s, pa, pb, py); });
    }
    return y;
  }
  int mean(int x) {
    int const y = map({1, 1, at(x).c, 0});
    T *const px = data(x), *const py = data(y);
    if constexpr (is_float) {
      rt::pool_f32_shape const s{at(x), at(y), at(x).h, at(x).w};
      steps_.push_back([=] { rt::avg_pool_f32(s, px, py); });
    } else {
      rt::pool_shape const s{
          .in = at(x), .out = at(y), .kernel_h = at(x).h, .kernel_w = at(x).w, .in_zero = -128, .out_zero = -128};
      steps_.push_back([=] { rt::avg_pool_s8(s, px, py); });
    }
    return y;
  }
  int dense(int x, index_t o) { return conv(x, o, 1, 1, 1, 0, 1, false, false); }

  // Along time: y's channels [first, first + o) of a series that is there already.
  void conv1d(int x, series_map const& in, int y, series_map const& whole, index_t first, index_t o, index_t taps,
              bool relu = true) {
    series_map out = whole;
    out.pitch = whole.c, out.c = o;
    operations_ += 2. * static_cast<double>(out.w * o * taps * in.c);
    T *const px = data(x), *const py = data(y) + first;
    if constexpr (is_float) {
      rt::conv1d_f32_shape const s{.in = in, .out = out, .taps = taps, .pad = rt::same_left(taps), .relu = relu};
      float const *const bias = keep<float>(o), *const w = keep<float>(rt::packed_size(s));
      steps_.push_back([=] { rt::conv1d_f32(s, px, w, bias, py); });
    } else {
      rt::conv1d_shape const s{.in = in, .out = out, .taps = taps, .pad = rt::same_left(taps), .out_zero = -128};
      auto const f = factors(o);
      std::int8_t const* const w = keep<std::int8_t>(rt::packed_size(s));
      steps_.push_back([=] { rt::conv1d_s8(s, px, w, f.bias, f.multiplier, f.shift, py); });
    }
  }
  // Maximum of three neighbors.
  int max3(int x) {
    int const y = map(at(x));
    T *const px = data(x), *const py = data(y);
    std::conditional_t<is_float, rt::pool_f32_shape, rt::pool_shape> s{};
    s.in = at(x), s.out = at(y), s.kernel_h = s.kernel_w = 3, s.pad = 1;
    steps_.push_back([=] {
      if constexpr (is_float)
        rt::max_pool_f32(s, px, py);
      else
        rt::max_pool_s8(s, px, py);
    });
    return y;
  }

 private:
  struct scales {
    std::int32_t const *bias, *multiplier;
    std::int8_t const* shift;
  };
  template <class U, class F>
  static std::shared_ptr<tensor<U>> make(index_t n, F value) {
    auto t = std::make_shared<tensor<U>>(petra::shape(n));
    petra::random r(static_cast<std::uint64_t>(n));
    for (auto& e : *t) e = static_cast<U>(value(r));
    return t;
  }
  template <class U>
  U* keep(index_t n) {
    auto t = make<U>(n, [](petra::random& r) {
      if constexpr (std::is_same_v<U, float>)
        return r.uniform(-0.1f, 0.1f);
      else
        return static_cast<std::int8_t>(r.index(255) - 127);
    });
    kept_.push_back(t);
    return t->data();
  }
  scales factors(index_t o) {
    auto bias = make<std::int32_t>(o, [](petra::random&) { return 100; });
    auto multiplier = make<std::int32_t>(o, [](petra::random&) { return 1500000000; });
    auto shift = make<std::int8_t>(o, [](petra::random&) { return -9; });
    kept_.insert(kept_.end(), {bias, multiplier, shift});
    return {bias->data(), multiplier->data(), shift->data()};
  }
  T* data(int i) { return buffers_[static_cast<std::size_t>(i)]->data(); }

  settings settings_;
  std::vector<std::function<void()>> steps_;
  std::vector<feature_map> maps_;
  std::vector<std::shared_ptr<tensor<T>>> buffers_;
  std::vector<std::shared_ptr<void>> kept_;
  double operations_ = 0;
};

template <class T>
net<T> resnet(int blocks, settings s) {
  net<T> n(s);
  int x = n.conv(n.map({32, 32, 3, 1}), 16, 3, 3, 1, 1);
  for (index_t c = 16; c <= 64; c *= 2)
    for (int b = 0; b < blocks; ++b) {
      index_t const stride = c > 16 && b == 0 ? 2 : 1;
      int const between = n.conv(x, c, 3, 3, stride, 1);
      x = n.conv_add(between, stride == 2 ? n.conv(x, c, 1, 1, 2, 0, 1, false) : x, c, 1);
    }
  n.dense(n.mean(x), 10);
  return n;
}

template <class T>
net<T> inception(settings s) {
  net<T> n(s);
  index_t const w = 144;
  int x = n.map({1, w, 24, 0}), residual = x;
  for (int module = 0; module < 6; ++module) {
    index_t const c = n.at(x).c;
    series_map const in{w, c}, narrow{w, 32, 19, 19}, wide{w, 128};
    // Frames along the axis: the map's rows are only memory here.
    int const bottleneck = n.map({1, w + 38, 32, 0}), y = n.map({1, w, 128, 0});
    n.conv1d(x, in, bottleneck, narrow, 0, 32, 1, false);
    n.conv1d(bottleneck, narrow, y, wide, 0, 32, 39);
    n.conv1d(bottleneck, narrow, y, wide, 32, 32, 19);
    n.conv1d(bottleneck, narrow, y, wide, 64, 32, 9);
    n.conv1d(n.max3(x), in, y, wide, 96, 32, 1);
    x = y;
    if (module % 3 == 2) {
      int const shortcut = n.map({1, w, 128, 0});
      n.conv1d(residual, {w, n.at(residual).c}, shortcut, wide, 0, 128, 1, false);
      x = residual = n.add(y, shortcut, 0);
    }
  }
  n.dense(n.mean(x), 1);
  return n;
}

// MLPerf Tiny: keyword spotting, and visual wake words.
template <class T>
net<T> dscnn(settings s) {
  net<T> n(s);
  int x = n.conv(n.map({49, 10, 1, 5}), 64, 10, 4, 2, 1);
  for (int i = 0; i < 4; ++i) x = n.conv(n.conv(x, 64, 3, 3, 1, 0, 64), 64, 1, 1, 1, 1);
  n.dense(n.mean(x), 12);
  return n;
}
template <class T>
net<T> mobilenet(settings s) {
  net<T> n(s);
  int x = n.conv(n.map({96, 96, 3, 1}), 8, 3, 3, 2, 1);
  index_t const outs[] = {16, 32, 32, 64, 64, 128, 128, 128, 128, 128, 128, 256, 256};
  for (int i = 0; i < 13; ++i) {
    bool const two = i == 1 || i == 3 || i == 5 || i == 11;
    index_t const c = n.at(x).c;
    x = n.conv(n.conv(x, c, 3, 3, two ? 2 : 1, 0, c), outs[i], 1, 1, 1, 1);
  }
  n.dense(n.mean(x), 2);
  return n;
}

template <class T, class Make>
void enroll(std::string const& name, Make make, std::vector<bench::recorded_time> recorded = {}, int images = 1) {
  bench::row r{.name = name, .shape = "b" + std::to_string(images)};
  r.operations = images * make(settings{}).operations();
  r.peak = std::is_same_v<T, float> ? bench::peak::f32 : bench::peak::s8;
  r.recorded = std::move(recorded);
  auto const arm = [=](settings s) {
    return [=] {
      return [n = make(s), images]() mutable {
        for (int i = 0; i < images; ++i) n();
      };
    };
  };
  r.arm("petra_dynamic", arm({}));
  if constexpr (std::is_same_v<T, float>) r.arm("petra_winograd", arm({.winograd = true}));
}

int enroll_all() {
  using s8 = std::int8_t;
  auto const eight = [](auto v) { return [](settings s) { return resnet<decltype(v)>(1, s); }; };
  auto const twenty = [](auto v) { return [](settings s) { return resnet<decltype(v)>(3, s); }; };
  enroll<float>("resnet8_f32", eight(0.f), {{"onednn", 109e3}});
  enroll<s8>("resnet8_s8", eight(s8{}), {{"onednn", 42.5e3}});
  enroll<float>("resnet20_f32", twenty(0.f), {{"onednn", 336e3}});
  enroll<s8>("resnet20_s8", twenty(s8{}), {{"onednn", 118e3}});
  enroll<float>("resnet20_f32", twenty(0.f), {{"onednn", 26.4e6}}, 64);
  enroll<float>("inception_f32", [](settings s) { return inception<float>(s); }, {{"libtorch", 1124e3}});
  enroll<s8>("inception_s8", [](settings s) { return inception<s8>(s); }, {{"libtorch", 1948e3}});
  enroll<float>("dscnn_f32", [](settings s) { return dscnn<float>(s); });
  enroll<s8>("dscnn_s8", [](settings s) { return dscnn<s8>(s); });
  enroll<float>("mobilenet_f32", [](settings s) { return mobilenet<float>(s); });
  enroll<s8>("mobilenet_s8", [](settings s) { return mobilenet<s8>(s); });
  return 0;
}

[[maybe_unused]] int const enrolled = enroll_all();

}  // namespace
