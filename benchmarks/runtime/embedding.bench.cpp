// Gathering rows of an embedding: 64 tokens of width 64 from a thousand, float and int8.
#include "petra/runtime/embedding.hpp"
#include "../arms.hpp"

namespace {

using namespace petra;

constexpr rt::embedding_shape s{.steps = 64, .rows = 1000, .width = 64};

template <class T, class Run>
struct work {
  Run run;
  std::vector<T> table, y = std::vector<T>(static_cast<std::size_t>(s.steps * s.width));
  std::vector<std::int32_t> index = bench::integers<std::int32_t>(s.steps, 2, 0, static_cast<int>(s.rows) - 1);
  explicit work(Run r) : run(r) {
    if constexpr (std::is_same_v<T, float>)
      table = bench::floats(s.rows * s.width, 1);
    else
      table = bench::integers(s.rows * s.width, 1);
  }
  void operator()() {
    bench::escape(this);
    run(index.data(), table.data(), y.data());
  }
  [[nodiscard]] std::vector<T> const& result() const { return y; }
};

template <class T>
void enroll(char const* name) {
  bench::row r{.name = name, .shape = "64of1000x64", .bytes = 2. * sizeof(T) * static_cast<double>(s.steps * s.width)};
  r.tolerance = 0;
  auto const arm = [](auto run) { return work<T, decltype(run)>(run); };
  r.arm("reference", [=] {
    return arm([](std::int32_t const* index, T const* table, T* y) {
      for (index_t t = 0; t < s.steps; ++t)
        for (index_t i = 0; i < s.width; ++i) y[t * s.width + i] = table[index[t] * s.width + i];
    });
  });
  r.arm("petra_static", [=] {
    return arm([](std::int32_t const* index, T const* table, T* y) { rt::embedding(rt::fixed<s>{}, index, table, y); });
  });
  r.arm("petra_dynamic", [=] {
    return arm([](std::int32_t const* index, T const* table, T* y) {
      rt::embedding_shape shape = s;
      benchmark::DoNotOptimize(shape);
      rt::embedding(shape, index, table, y);
    });
  });
}

[[maybe_unused]] int const enrolled = [] {
  enroll<float>("embedding_f32");
  enroll<std::int8_t>("embedding_s8");
  return 0;
}();

}  // namespace
