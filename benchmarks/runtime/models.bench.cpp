// Whole models, batch 1 and 64, as chains of runtime layers with random weights, extents at run time; a batch runs two
// images at a time. Peers: oneDNN's primitives, the batch in one; LibTorch's times are recorded.
//
// name/b64@2   the same by two threads that share the images; without peers
// name_threads/b64@2   two threads beside one, in one process: the ratio is what the second core adds
#include "../peers/onednn_chain.hpp"
#include "layer_chain.hpp"
#include "petra/search/tbb_executor.hpp"

namespace {

using namespace petra;
using chain::model;

template <class T>
model<T> resnet(int blocks) {
  model<T> n;
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
model<T> resnet8() {
  return resnet<T>(1);
}
template <class T>
model<T> resnet20() {
  return resnet<T>(3);
}

template <class T>
model<T> inception() {
  model<T> n;
  index_t const w = 144;
  int x = n.map({1, w, 24, 0}), residual = x;
  for (int module = 0; module < 6; ++module) {
    index_t const c = n.at(x).c;
    chain::series_map const in{w, c}, narrow{w, 32, 19, 19}, wide{w, 128};
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
model<T> dscnn() {
  model<T> n;
  int x = n.conv(n.map({49, 10, 1, 5}), 64, 10, 4, 2, 1);
  for (int i = 0; i < 4; ++i) x = n.conv(n.conv(x, 64, 3, 3, 1, 0, 64), 64, 1, 1, 1, 1);
  n.dense(n.mean(x), 12);
  return n;
}
template <class T>
model<T> mobilenet() {
  model<T> n;
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

search::serial_executor const one_thread{};
search::tbb_executor const& two_threads() {
  static search::tbb_executor const e(2);
  return e;
}

template <class T, class Executor>
auto petra_arm(model<T> (*make)(), int images, Executor const& executor, bool winograd) {
  return [=, e = &executor] { return chain::petra_batch<T, Executor>(make(), winograd, images, *e); };
}
template <class T, class Executor>
bench::row petra_row(std::string const& name, model<T> (*make)(), int images, Executor const& executor) {
  bench::row r{.name = name, .shape = "b" + std::to_string(images)};
  r.operations = images * make().operations;
  r.peak = std::is_same_v<T, float> ? bench::peak::f32 : bench::peak::s8;
  r.threads = executor.threads();
  r.tolerance = std::is_same_v<T, float> ? 1e-4 : 0;
  r.arm("reference", [=] { return chain::reference_batch<T>(make(), images); });
  r.arm("petra_dynamic", petra_arm<T>(make, images, executor, false));
  if constexpr (std::is_same_v<T, float>) r.arm("petra_winograd", petra_arm<T>(make, images, executor, true));
  return r;
}

template <class T, class Executor = search::serial_executor>
void enroll(std::string const& name, model<T> (*make)(), [[maybe_unused]] bool onednn = false, int images = 1,
            Executor const& executor = one_thread) {
  bench::row r = petra_row<T>(name, make, images, executor);
#if BENCH_ONEDNN
  if (!onednn) return;
  r.arm("onednn", [=] { return bench::onednn::model_chain<T>(make(), images, false); });
  if constexpr (std::is_same_v<T, float>)
    r.arm("onednn_winograd", [=] { return bench::onednn::model_chain<T>(make(), images, true); });
#endif
}

// Beside LibTorch, which is recorded.
template <class T>
void enroll_recorded(std::string const& name, model<T> (*make)(), double libtorch_ns) {
  bench::row r{.name = name, .shape = "b1", .operations = make().operations};
  r.peak = std::is_same_v<T, float> ? bench::peak::f32 : bench::peak::s8;
  r.tolerance = std::is_same_v<T, float> ? 1e-4 : 0;
  r.recorded = {{"libtorch", libtorch_ns}};
  r.arm("reference", [=] { return chain::reference_batch<T>(make(), 1); });
  r.arm("petra_dynamic", petra_arm<T>(make, 1, one_thread, false));
}

template <class T>
void enroll_batches(std::string const& name, model<T> (*make)()) {
  enroll<T>(name, make, true);
  enroll<T>(name, make, true, 64);
  enroll<T>(name, make, false, 64, two_threads());  // OpenMP's threads, once there, disturb the others' placing
  constexpr bool winograd = std::is_same_v<T, float>;
  bench::row r{.name = name + "_threads", .shape = "b64", .operations = 64 * make().operations};
  r.peak = winograd ? bench::peak::f32 : bench::peak::s8;
  r.threads = 2;
  r.arm("petra_two", petra_arm<T>(make, 64, two_threads(), winograd));
  r.arm("one_thread", petra_arm<T>(make, 64, one_thread, winograd));
}

int enroll_all() {
  using s8 = std::int8_t;
  enroll_batches<float>("resnet8_f32", resnet8<float>);
  enroll_batches<s8>("resnet8_s8", resnet8<s8>);
  enroll_batches<float>("resnet20_f32", resnet20<float>);
  enroll_batches<s8>("resnet20_s8", resnet20<s8>);
  enroll_recorded<float>("inception_f32", inception<float>, 1124e3);
  enroll_recorded<s8>("inception_s8", inception<s8>, 1948e3);
  enroll<float>("dscnn_f32", dscnn<float>);  // its first padding is none of oneDNN's
  enroll<s8>("dscnn_s8", dscnn<s8>);
  enroll<float>("mobilenet_f32", mobilenet<float>, true);
  enroll<s8>("mobilenet_s8", mobilenet<s8>, true);
  return 0;
}

[[maybe_unused]] int const enrolled = enroll_all();

}  // namespace
