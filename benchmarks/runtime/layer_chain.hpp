// Whole models as lists of layers with random weights, and two ways to run them: petra's kernels with extents at run
// time, and plain loops. peers/onednn_chain.hpp is a third.
//
// T: float, or std::int8_t with TensorFlow Lite's arithmetic. Every map of integers lies on a grid with zero point -128,
// as behind a ReLU; what is added to a shortcut has zero point 0. Weights keep the size of activations about the same
// from layer to layer, so that what is compared in the end is not all zeros.
#pragma once
#include <atomic>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "../all_cores.hpp"
#include "../arms.hpp"
#include "petra/kernel/reference/add_s8.hpp"
#include "petra/kernel/reference/conv1d_s8.hpp"
#include "petra/kernel/reference/conv2d_s8.hpp"
#include "petra/kernel/reference/pool_s8.hpp"
#include "petra/runtime/add_f32.hpp"
#include "petra/runtime/conv1d_f32.hpp"
#include "petra/runtime/conv1d_s8.hpp"
#include "petra/runtime/conv2d_add_s8.hpp"
#include "petra/runtime/linear_sum.hpp"
#include "petra/runtime/pool_f32.hpp"
#include "petra/runtime/pool_s8.hpp"
#include "petra/runtime/winograd_f32.hpp"
#include "petra/tensor/tensor.hpp"

namespace chain {

using namespace petra;
using rt::feature_map, rt::series_map;

enum class kind { conv, add, mean, max3, conv1d };

template <class T>
struct layer {
  static constexpr bool is_float = std::is_same_v<T, float>;
  kind what{};
  int x = 0, y = 0, added = -1;  // maps; added: joins the output of a convolution, or x
  index_t kernel_h = 1, kernel_w = 1, stride = 1, pad = 0, groups = 1;
  bool relu = false;
  // Along an axis: channels [first, first + out.c) of y.
  series_map in{}, out{};
  index_t first = 0, taps = 1;
  std::vector<T> w{};
  std::vector<std::conditional_t<is_float, float, std::int32_t>> bias{};
  float scale = 1;  // of the sums, in integers
  [[nodiscard]] std::int32_t zero() const { return added >= 0 ? 0 : -128; }
};

// Scales of an addition's operands and result. Sums that are added are three times as small, so that none saturates.
inline constexpr double own_step = 0.06, added_step = 0.03;
inline rt::add_shape addition(feature_map const& a, std::int32_t a_zero, feature_map const& b, feature_map const& y) {
  rt::add_shape s{.a = a, .b = b, .out = y, .a_zero = a_zero, .b_zero = -128};
  s.out_zero = -128;
  return rt::add_scales(s, own_step, added_step, added_step);
}

// Map 0 is the input, the last one the output.
template <class T>
class model {
 public:
  std::vector<feature_map> maps;
  std::vector<layer<T>> layers;
  double operations = 0;

  int map(feature_map m) {
    maps.push_back(m);
    return static_cast<int>(maps.size()) - 1;
  }
  [[nodiscard]] feature_map at(int i) const { return maps[static_cast<std::size_t>(i)]; }

  // halo: of the output.
  int conv(int x, index_t o, index_t kernel_h, index_t kernel_w, index_t stride, index_t halo, index_t groups = 1,
           bool relu = true, bool same = true) {
    feature_map const in = at(x);
    layer<T> l{.what = kind::conv, .x = x, .kernel_h = kernel_h, .kernel_w = kernel_w, .stride = stride};
    l.pad = same ? std::max(kernel_h, kernel_w) / 2 : 0;
    l.groups = groups;
    l.relu = relu;
    l.y = map({same ? (in.h - 1) / stride + 1 : 1, same ? (in.w - 1) / stride + 1 : 1, o, halo});
    return add_weights(l, at(l.y).pixels(), o, kernel_h * kernel_w * in.c / groups);
  }
  // A 3 x 3 convolution, the addition of another map and a ReLU.
  int conv_add(int x, int added, index_t o, index_t halo) {
    int const y = conv(x, o, 3, 3, 1, halo, 1, false);
    layers.back().added = added;
    layers.back().scale /= 3;
    return y;
  }
  int add(int a, int b, index_t halo) {
    feature_map out = at(a);
    out.halo = out.halo_h = halo;
    layers.push_back({.what = kind::add, .x = a, .y = map(out), .added = b});
    return layers.back().y;
  }
  int mean(int x) {
    layers.push_back({.what = kind::mean, .x = x, .y = map({1, 1, at(x).c, 0})});
    return layers.back().y;
  }
  int dense(int x, index_t o) { return conv(x, o, 1, 1, 1, 0, 1, false, false); }
  // Along time: y's channels [first, first + o) of a series that is there already.
  void conv1d(int x, series_map const& in, int y, series_map const& whole, index_t first, index_t o, index_t taps,
              bool relu = true) {
    layer<T> l{.what = kind::conv1d, .x = x, .y = y};
    l.in = in, l.out = whole;
    l.out.pitch = whole.c, l.out.c = o;
    l.first = first, l.taps = taps, l.relu = relu;
    add_weights(l, whole.w, o, taps * in.c);
  }
  // Maximum of three neighbors.
  int max3(int x) {
    layers.push_back({.what = kind::max3, .x = x, .y = map(at(x))});
    return layers.back().y;
  }

 private:
  int add_weights(layer<T> l, index_t pixels, index_t o, index_t taps) {
    operations += 2. * static_cast<double>(pixels * o * taps);
    auto const seed = static_cast<std::uint64_t>(layers.size() + 1);
    float const size = std::sqrt(static_cast<float>(taps));
    if constexpr (std::is_same_v<T, float>) {
      l.w = bench::floats(o * taps, key(seed, 1), -2.4f / size, 2.4f / size);
      l.bias = bench::floats(o, key(seed, 2), -0.1f, 0.1f);
    } else {
      l.w = bench::integers(o * taps, key(seed, 1));
      l.bias = bench::integers<std::int32_t>(o, key(seed, 2), -3000, 3000);
      l.scale = 1.4f / (73 * size);
    }
    layers.push_back(std::move(l));
    return layers.back().y;
  }
};

// One dense input (H,W,C) of a batch; there are four of them.
template <class T>
std::vector<T> image(feature_map const& m, index_t i) {
  if constexpr (std::is_same_v<T, float>)
    return bench::floats(m.pixels() * m.c, key(77, static_cast<std::uint64_t>(i % 4)), 0.f, 1.f);
  else
    return bench::integers(m.pixels() * m.c, key(77, static_cast<std::uint64_t>(i % 4)), -128, 127);
}
template <class T>
constexpr T padding = std::is_same_v<T, float> ? T{0} : static_cast<T>(-128);

// What petra runs for a model: packed constants and calls. Runs in the maps that the caller brings, one per map of the
// model and then one per scratch, so that threads share the constants. Maps that are not needed at the same time share
// memory: all of ResNet-20's would be larger than L2.
template <class T>
class petra_program {
 public:
  static constexpr bool is_float = std::is_same_v<T, float>;
  petra_program(model<T> const& m, bool winograd) : maps_(m.maps) {
    for (feature_map const& f : m.maps) buffer(f.elements() + 64);
    now_ = 0;
    for (layer<T> const& l : m.layers) {
      for (int i : {l.x, l.y, std::max(l.added, 0)}) use(i);
      step(l, winograd);
      ++now_;
    }
    use(static_cast<int>(m.maps.size()) - 1);
    share_memory();
  }
  // Each layer for all of `count` images before the next one: weights that come from far away come once.
  void operator()(T* const* const* images, index_t count) const {
    for (auto const& s : steps_)
      for (index_t i = 0; i < count; ++i) s(images[i]);
  }
  // Where map i lies, and how much of each memory is needed.
  [[nodiscard]] std::vector<int> const& places() const { return places_; }
  [[nodiscard]] std::vector<feature_map> const& maps() const { return maps_; }
  [[nodiscard]] std::vector<index_t> const& sizes() const { return sizes_; }

 private:
  using call = std::function<void(T* const*)>;

  void step(layer<T> const& l, bool winograd) {
    feature_map const in = at(l.x), out = at(l.y);
    int const x = l.x, y = l.y, b = l.added;
    if (l.what == kind::conv) return convolution(l, in, out, winograd);
    if (l.what == kind::conv1d) return along_axis(l);
    if (l.what == kind::add) {
      if constexpr (is_float) {
        rt::add_f32_shape const s{in, at(b), out, true};
        steps_.push_back([=](T* const* m) { rt::add_f32(s, m[x], m[b], m[y]); });
      } else {
        rt::add_shape const s = rt::with_linear_sum(addition(in, -128, at(b), out));
        steps_.push_back([=](T* const* m) { rt::add_s8(s, m[x], m[b], m[y]); });
      }
      return;
    }
    std::conditional_t<is_float, rt::pool_f32_shape, rt::pool_shape> s{};
    bool const mean = l.what == kind::mean;
    s.in = in, s.out = out;
    s.kernel_h = mean ? in.h : 3, s.kernel_w = mean ? in.w : 3, s.pad = s.pad_h = mean ? 0 : 1;
    if constexpr (is_float) {
      steps_.push_back([=](T* const* m) { mean ? rt::avg_pool_f32(s, m[x], m[y]) : rt::max_pool_f32(s, m[x], m[y]); });
    } else {
      s.in_zero = s.out_zero = -128;
      steps_.push_back([=](T* const* m) { mean ? rt::avg_pool_s8(s, m[x], m[y]) : rt::max_pool_s8(s, m[x], m[y]); });
    }
  }
  void convolution(layer<T> const& l, feature_map const& in, feature_map const& out, bool winograd) {
    int const x = l.x, y = l.y, b = l.added;
    if constexpr (is_float) {
      feature_map own = out;  // without the addition
      int to = y;
      if (b >= 0) own.halo = own.halo_h = 0, to = buffer(own.elements() + 64);
      rt::conv_f32_shape const s{in, own, l.kernel_h, l.kernel_w, l.stride, l.pad, l.groups, l.relu};
      float const* const bias = keep(l.bias);
      if (winograd && rt::suits_winograd(s) && in.c >= 16) {
        float* const w = keep(std::vector<float>(static_cast<std::size_t>(rt::winograd_size(s))));
        rt::pack_winograd(s, l.w.data(), w);
        int const scratch = buffer(rt::winograd_scratch(s));
        steps_.push_back([=](T* const* m) { rt::winograd_f32(s, m[x], w, bias, m[scratch], m[to]); });
      } else {
        float* const w = keep(std::vector<float>(static_cast<std::size_t>(rt::packed_size(s))));
        rt::pack(s, l.w.data(), w);
        steps_.push_back([=](T* const* m) { rt::conv2d_f32(s, m[x], w, bias, m[to]); });
      }
      if (b < 0) return;
      rt::add_f32_shape const sum{own, at(b), out, true};
      steps_.push_back([=](T* const* m) { rt::add_f32(sum, m[to], m[b], m[y]); });
    } else {
      rt::conv_shape s{in, out, l.kernel_h, l.kernel_w, l.stride, l.pad, l.groups, l.zero(), -128, 127};
      T* const w = keep(std::vector<T>(static_cast<std::size_t>(rt::packed_size(s))));
      rt::pack(s, l.w.data(), w);
      factors const f = factors_of(
          l, out.c, [&](std::int32_t* folded) { rt::fold_bias(s, l.w.data(), l.bias.data(), -128, folded); });
      if (b >= 0) {
        // Over the addend where nobody reads it later, as the planner does.
        if (b != 0 && at(b) == out) lives_[static_cast<std::size_t>(y)].over = b;
        rt::conv_add_shape const joined = rt::join(s, rt::with_linear_sum(addition(out, l.zero(), at(b), out)));
        steps_.push_back(
            [=](T* const* m) { rt::conv2d_add_s8(joined, m[x], m[b], w, f.bias, f.multiplier, f.shift, m[y]); });
      } else {
        steps_.push_back([=](T* const* m) { rt::conv2d_s8(s, m[x], w, f.bias, f.multiplier, f.shift, m[y]); });
      }
    }
  }
  void along_axis(layer<T> const& l) {
    int const x = l.x, y = l.y;
    index_t const first = l.first;
    std::conditional_t<is_float, rt::conv1d_f32_shape, rt::conv1d_shape> s{};
    s.in = l.in, s.out = l.out, s.taps = l.taps, s.pad = rt::same_left(l.taps);
    T* const w = keep(std::vector<T>(static_cast<std::size_t>(rt::packed_size(s))));
    rt::pack(s, l.w.data(), w);
    if constexpr (is_float) {
      s.relu = l.relu;
      float const* const bias = keep(l.bias);
      steps_.push_back([=](T* const* m) { rt::conv1d_f32(s, m[x], w, bias, m[y] + first); });
    } else {
      s.out_zero = -128;
      factors const f = factors_of(
          l, l.out.c, [&](std::int32_t* folded) { rt::fold_bias(s, l.w.data(), l.bias.data(), -128, folded); });
      steps_.push_back([=](T* const* m) { rt::conv1d_s8(s, m[x], w, f.bias, f.multiplier, f.shift, m[y] + first); });
    }
  }

  struct factors {
    std::int32_t const *bias, *multiplier;
    std::int8_t const* shift;
  };
  template <class Fold>
  factors factors_of(layer<T> const& l, index_t o, Fold fold) {
    std::int32_t* const bias = keep(l.bias);
    fold(bias);
    auto const q = rt::quantize_multiplier(static_cast<double>(l.scale));
    auto const n = static_cast<std::size_t>(o);
    return {bias, keep(std::vector<std::int32_t>(n, q.multiplier)),
            keep(std::vector<std::int8_t>(n, static_cast<std::int8_t>(q.shift)))};
  }
  template <class U>
  U* keep(std::vector<U> const& values) {
    auto t = std::make_shared<tensor<U>>(petra::shape(static_cast<index_t>(values.size())));
    std::copy(values.begin(), values.end(), t->data());
    kept_.push_back(t);
    return t->data();
  }
  // A map that the current layer uses, or a scratch.
  int buffer(index_t n) {
    lives_.push_back({n, -1, -1, -1});
    if (now_ >= 0) use(static_cast<int>(lives_.size()) - 1);
    return static_cast<int>(lives_.size()) - 1;
  }
  void use(int i) {
    life& l = lives_[static_cast<std::size_t>(i)];
    if (l.first < 0) l.first = now_;
    l.last = now_;
  }
  void share_memory() {
    places_.assign(lives_.size(), -1);
    std::vector<int> free_after;
    for (int layer_ = 0; layer_ <= now_; ++layer_)
      for (std::size_t i = 0; i < lives_.size(); ++i) {
        life const& l = lives_[i];
        if (l.first != layer_) continue;
        if (l.over >= 0 && lives_[static_cast<std::size_t>(l.over)].last == layer_) {
          places_[i] = places_[static_cast<std::size_t>(l.over)];
          free_after[static_cast<std::size_t>(places_[i])] = l.last;
          continue;
        }
        std::size_t best = sizes_.size();
        for (std::size_t p = 0; p < sizes_.size(); ++p)
          if (free_after[p] < l.first &&
              (best == sizes_.size() || std::abs(sizes_[p] - l.size) < std::abs(sizes_[best] - l.size)))
            best = p;
        if (best == sizes_.size()) sizes_.push_back(0), free_after.push_back(0);
        sizes_[best] = std::max(sizes_[best], l.size);
        free_after[best] = l.last;
        places_[i] = static_cast<int>(best);
      }
  }
  [[nodiscard]] feature_map at(int i) const { return maps_[static_cast<std::size_t>(i)]; }

  struct life {
    index_t size;
    int first, last;  // layers
    int over;         // a map in whose place this one may lie; -1: none
  };
  std::vector<feature_map> maps_;
  std::vector<life> lives_;
  int now_ = -1;  // layer; -1: before the first
  std::vector<int> places_;
  std::vector<index_t> sizes_;
  std::vector<call> steps_;
  std::vector<std::shared_ptr<void>> kept_;
};

// A batch, a few images at a time, so that activations stay near the core; the images lie in the input's frame. Threads
// draw images.
template <class T, class Executor>
class petra_batch {
 public:
  static constexpr index_t together = 2;  // images
  petra_batch(model<T> const& m, bool winograd, int images, Executor const& executor)
      : program_(m, winograd), executor_(&executor), count_(images) {
    if (executor.threads() > 1) bench::use_all_cores();
    feature_map const in = program_.maps().front();
    step_ = in.elements() + 64;
    images_ = filled(count_ * step_);
    for (index_t i = 0; i < count_; ++i) {
      std::vector<T> const dense = image<T>(in, i);
      for (index_t r = 0; r < in.h; ++r)
        std::copy_n(dense.data() + r * in.w * in.c, in.w * in.c,
                    images_.data() + i * step_ + in.origin() + r * in.row());
    }
    y_.resize(static_cast<std::size_t>(count_ * outputs()));
    for (index_t t = 0; t < executor.threads() * together; ++t) {
      maps_.emplace_back();
      for (index_t n : program_.sizes()) maps_.back().push_back(filled(n));
      at_.emplace_back();
      for (int p : program_.places()) at_.back().push_back(maps_.back()[static_cast<std::size_t>(p)].data());
    }
  }
  void operator()() {
    std::atomic<index_t> next{0};
    auto const work = [&](index_t t) noexcept {
      T** at[together];
      for (index_t g = 0; g < together; ++g) at[g] = at_[static_cast<std::size_t>(t * together + g)].data();
      std::size_t const last = program_.maps().size() - 1;
      for (index_t i; (i = next.fetch_add(together, std::memory_order_relaxed)) < count_;) {
        index_t const n = std::min(together, count_ - i);
        for (index_t g = 0; g < n; ++g) at[g][0] = images_.data() + (i + g) * step_;
        program_(at, n);
        for (index_t g = 0; g < n; ++g) std::copy_n(at[g][last], outputs(), y_.data() + (i + g) * outputs());
      }
    };
    executor_->for_each(executor_->threads(), work);
  }
  [[nodiscard]] std::vector<T> const& result() const { return y_; }

 private:
  static tensor<T> filled(index_t n) {
    petra::shape const size(n);
    tensor<T> t(size);
    for (T& e : t) e = padding<T>;
    return t;
  }
  [[nodiscard]] index_t outputs() const { return program_.maps().back().c; }

  petra_program<T> program_;
  Executor const* executor_;
  index_t count_, step_ = 0;
  tensor<T> images_;
  std::vector<T> y_;
  std::vector<std::vector<tensor<T>>> maps_;
  std::vector<std::vector<T*>> at_;
};

// The specification: plain loops over dense maps.
template <class T>
class reference_batch {
 public:
  static constexpr bool is_float = std::is_same_v<T, float>;
  reference_batch(model<T> const& m, int images) : model_(m), images_(images) {}
  void operator()() {
    y_.clear();
    for (index_t i = 0; i < std::min(images_, 4); ++i) {
      values_.assign(model_.maps.size(), {});
      values_.front() = image<T>(model_.at(0), i);
      for (layer<T> const& l : model_.layers) step(l);
      y_.insert(y_.end(), values_.back().begin(), values_.back().end());
    }
    std::size_t const four = y_.size();
    y_.resize(values_.back().size() * static_cast<std::size_t>(images_));
    for (std::size_t i = four; i < y_.size(); ++i) y_[i] = y_[i - four];
  }
  [[nodiscard]] std::vector<T> const& result() const { return y_; }

 private:
  void step(layer<T> const& l) {
    feature_map const in = model_.at(l.x), out = model_.at(l.y);
    std::vector<T> const& x = values_[static_cast<std::size_t>(l.x)];
    std::vector<T>& y = values_[static_cast<std::size_t>(l.y)];
    if (l.what == kind::conv1d) {
      y.resize(static_cast<std::size_t>(l.out.w * l.out.pitch));
    } else {
      y.resize(static_cast<std::size_t>(out.pixels() * out.c));
    }
    if (l.what == kind::conv) convolution(l, in, out, x.data(), y.data());
    if (l.what == kind::conv1d) along_axis(l, x.data(), y.data());
    if (l.what == kind::mean || l.what == kind::max3) pool(l, in, x.data(), y.data());
    if (l.what == kind::add) y = x;
    if (l.added >= 0) add(l, y);
  }
  void add(layer<T> const& l, std::vector<T>& y) {
    std::vector<T> const& b = values_[static_cast<std::size_t>(l.added)];
    if constexpr (is_float) {
      for (std::size_t i = 0; i < y.size(); ++i) y[i] = std::max(y[i] + b[i], 0.f);
    } else {
      rt::add_shape const s = addition({}, l.what == kind::add ? -128 : l.zero(), {}, {});
      std::vector<T> const a = y;
      kernel::add_s8(kernel::scalar_tag{}, static_cast<index_t>(y.size()),
                     {s.a_zero, s.b_zero, s.left_shift, s.a_scale.multiplier, s.a_scale.shift, s.b_scale.multiplier,
                      s.b_scale.shift, s.out_scale.multiplier, s.out_scale.shift, s.out_zero, s.out_min, s.out_max},
                     a.data(), b.data(), y.data());
    }
  }
  static T scaled(layer<T> const& l, std::int32_t sum, std::int32_t zero) {
    auto const q = rt::quantize_multiplier(static_cast<double>(l.scale));
    return static_cast<T>(kernel::onto_grid(kernel::round_once::apply(sum, q.multiplier, q.shift), zero, -128, 127));
  }
  static void convolution(layer<T> const& l, feature_map const& in, feature_map const& out, T const* x, T* y) {
    index_t const run = in.c / l.groups, outs = out.c / l.groups;
    kernel::conv2d_s8_dims const d{in.h, in.w, in.c, out.c, l.kernel_h, l.kernel_w, l.stride, l.pad, l.groups, -128};
    for (index_t oy = 0; oy < out.h; ++oy)
      for (index_t ox = 0; ox < out.w; ++ox)
        for (index_t o = 0; o < out.c; ++o) {
          if constexpr (is_float) {
            float sum = l.bias[static_cast<std::size_t>(o)];
            for (index_t kh = 0; kh < l.kernel_h; ++kh)
              for (index_t kw = 0; kw < l.kernel_w; ++kw) {
                index_t const iy = oy * l.stride - l.pad + kh, ix = ox * l.stride - l.pad + kw;
                if (iy < 0 || iy >= in.h || ix < 0 || ix >= in.w) continue;
                float const* const p = x + (iy * in.w + ix) * in.c + o / outs * run;
                float const* const q = l.w.data() + ((o * l.kernel_h + kh) * l.kernel_w + kw) * run;
                for (index_t i = 0; i < run; ++i) sum += p[i] * q[i];
              }
            *y++ = l.relu ? std::max(sum, 0.f) : sum;
          } else {
            *y++ = scaled(l, kernel::conv2d_s8_sum(d, x, l.w.data(), l.bias.data(), oy, ox, o), l.zero());
          }
        }
  }
  static void along_axis(layer<T> const& l, T const* x, T* y) {
    kernel::conv1d_dims const d{.w = l.in.w,
                                .c = l.in.c,
                                .o = l.out.c,
                                .taps = l.taps,
                                .left = rt::same_left(l.taps),
                                .right = rt::same_right(l.taps)};
    for (index_t i = 0; i < l.out.w; ++i)
      for (index_t o = 0; o < d.o; ++o) {
        std::conditional_t<is_float, float, std::int32_t> sum = l.bias[static_cast<std::size_t>(o)];
        kernel::each_tap(d, i, o, [&](index_t in, index_t tap) {
          for (index_t c = 0; c < d.c; ++c)
            if constexpr (is_float)
              sum += x[in + c] * l.w[static_cast<std::size_t>(tap + c)];
            else
              sum += (x[in + c] + 128) * l.w[static_cast<std::size_t>(tap + c)];
        });
        T& to = y[i * l.out.pitch + l.first + o];
        if constexpr (is_float)
          to = l.relu ? std::max(sum, 0.f) : sum;
        else
          to = scaled(l, sum, -128);
      }
  }
  static void pool(layer<T> const& l, feature_map const& in, T const* x, T* y) {
    bool const mean = l.what == kind::mean;
    if constexpr (is_float) {
      for (index_t c = 0; c < in.c; ++c) {
        if (mean) {
          float sum = 0;
          for (index_t p = 0; p < in.pixels(); ++p) sum += x[p * in.c + c];
          y[c] = sum / static_cast<float>(in.pixels());
        }
        for (index_t p = 0; !mean && p < in.w; ++p) {  // series: one row
          y[p * in.c + c] = x[p * in.c + c];
          for (index_t q : {p - 1, p + 1})
            if (q >= 0 && q < in.w) y[p * in.c + c] = std::max(y[p * in.c + c], x[q * in.c + c]);
        }
      }
    } else {
      kernel::pool_s8_dims d{.h = in.h, .w = in.w, .c = in.c};
      d.kernel_h = mean ? in.h : 3, d.kernel_w = mean ? in.w : 3, d.pad = d.top = d.bottom = d.right = mean ? 0 : 1;
      d.in_zero = d.out_zero = -128;
      mean ? kernel::avg_pool_s8(kernel::scalar_tag{}, d, x, y) : kernel::max_pool_s8(kernel::scalar_tag{}, d, x, y);
    }
  }

  model<T> model_;
  int images_;
  std::vector<std::vector<T>> values_;
  std::vector<T> y_;
};

}  // namespace chain
