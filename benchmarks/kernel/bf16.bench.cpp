// Conversion of n numbers between float and bfloat16.
#include "petra/kernel/simd/bf16.hpp"
#include "../arrays.hpp"
#include "petra/kernel/reference/bf16.hpp"

namespace {

using namespace petra;

template <class From, class To>
struct conversion {
  bench::lines<From> x;
  bench::lines<To> to;
  [[nodiscard]] std::vector<float> widened() const {
    std::vector<float> v;
    for (To e : to) v.push_back(static_cast<float>(e));
    return v;
  }
};

void enroll(index_t n) {
  auto const row = [n](char const* name) {
    return bench::row{.name = name, .shape = std::to_string(n), .bytes = 6. * static_cast<double>(n)};
  };
  auto const size = static_cast<std::size_t>(n);
  auto const arms = [](bench::row& r, auto fresh, auto run) {
    r.arm("reference", [=] { return [o = fresh(), run]() mutable { run(kernel::scalar_tag{}, o); }; });
    r.arm("petra_dynamic", [=] { return [o = fresh(), run]() mutable { run(kernel::best, o); }; });
  };
  auto const numbers = bench::floats(n, 1);
  bench::row narrow = row("to_bf16"), wide = row("to_float");
  arms(
      narrow,
      [=] {
        return conversion<float, kernel::bf16>{bench::aligned(numbers), bench::lines<kernel::bf16>(size)};
      },
      [n](auto tag, auto& o) { kernel::to_bf16(tag, n, o.x.data(), o.to.data()); });
  arms(
      wide,
      [=] {
        conversion<kernel::bf16, float> c{bench::lines<kernel::bf16>(size), bench::lines<float>(size)};
        kernel::to_bf16(kernel::scalar_tag{}, n, numbers.data(), c.x.data());
        return c;
      },
      [n](auto tag, auto& o) { kernel::to_float(tag, n, o.x.data(), o.to.data()); });
}

[[maybe_unused]] int const enrolled = [] {
  enroll(1 << 15);
  enroll(1 << 20);
  return 0;
}();

}  // namespace
