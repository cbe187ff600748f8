#include "petra/deploy/own_op.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "../thrown.hpp"
#include "compile_emitted.hpp"
#include "petra/deploy/cost_measure.hpp"
#include "petra/deploy/emit.hpp"
#include "petra/deploy/lower.hpp"
#include "petra/deploy/reference.hpp"
#include "petra/nn/conv2d.hpp"
#include "petra/nn/sequential.hpp"

using namespace petra::deploy;
using petra::index_t;
using petra::tensor;

namespace {

// The steps of a sequence in the opposite order, in the format that its readers want: the frame of the output is left to the
// assembler.
template <class T>
struct turned_kernel {
  using shape = petra::rt::feature_map;
  static constexpr char const *name = "turned", *shape_name = "feature_map";
  static constexpr bool is_integer = std::is_same_v<T, std::int8_t>;
  template <class F>
  static void extents(shape const& m, F f) {
    f(m.h, m.w, m.c, m.halo);
  }
  static void call(shape const& m, T const* x, T* y) noexcept {
    for (index_t i = 0; i < m.w; ++i) std::copy_n(x + (m.w - 1 - i) * m.c, m.c, y + i * m.c);
  }
};

struct turned_op final : own_op {
  [[nodiscard]] char const* name() const noexcept override { return "turned"; }
  void assemble(step& s, node const& n, own_places const& at) const override {
    auto const call = [&]<class T>(T) {
      s.own = call_of<turned_kernel<T>>(at.out, 0, n.out.count(), memory<T>{at.read[0], at.in[0].origin()},
                                        memory<T>{at.written, at.out.origin()});
    };
    n.out_grid ? call(std::int8_t{}) : call(float{});
  }
  void reference(node const& n, std::span<reference_value const* const> in, std::span<map_shape const>,
                 reference_value& out) const override {
    auto const turn = [&](auto const& x, auto& y) {
      for (index_t i = 0; i < n.out.w; ++i)
        std::copy_n(x.begin() + (n.out.w - 1 - i) * n.out.c, n.out.c, y.begin() + i * n.out.c);
    };
    n.out_grid ? turn(in[0]->q, out.q) : turn(in[0]->f, out.f);
  }
};

struct turned {
  std::optional<grid> reads;
  template <class Builder>
  auto lower(Builder& b, typename Builder::value x) const {
    return b.own(turned_op{}, {x}, {reads}, b.shape_of(x));
  }
};

// turned, twice.
struct twice {
  turned first, second;
  template <class Builder>
  auto lower(Builder& b, typename Builder::value x) const {
    return second.lower(b, first.lower(b, x));
  }
};

// A value that a convolution with padding reads, and `turned`.
struct read_by_both {
  petra::nn::conv2d<2, 2> conv;
  template <class Builder>
  auto lower(Builder& b, typename Builder::value x) const {
    auto const y = conv.lower(b, x);
    return b.add(conv.lower(b, y), petra::nn::point<>{}, turned{}.lower(b, y), petra::nn::point<>{});
  }
};

// A kernel that petra's runtime does not have.
// clang-format off
PETRA_WITH_TEXT(doubled_text,
struct doubled_shape { std::ptrdiff_t n = 0; };
template <class Shape>
inline void doubled(Shape shape, float const* x, float* y) noexcept {
  doubled_shape const s = shape;
  for (std::ptrdiff_t i = 0; i < s.n; ++i) y[i] = 2 * x[i];
}
)
// clang-format on
struct doubled_kernel {
  using shape = doubled_shape;
  static constexpr char const *name = "doubled", *shape_name = "doubled_shape", *source = doubled_text;
  static constexpr bool is_integer = false;
  template <class F>
  static void extents(shape const& s, F f) {
    f(s.n);
  }
  static void call(shape const& s, float const* x, float* y) noexcept {
    (doubled)(s, x, y);  // the function, not the struct
  }
};
struct doubled_op final : own_op {
  [[nodiscard]] char const* name() const noexcept override { return "doubled"; }
  void assemble(step& s, node const& n, own_places const& at) const override {
    s.own = call_of<doubled_kernel>({n.out.count()}, 0, n.out.count(), memory<float>{at.read[0]},
                                    memory<float>{at.written});
  }
  void reference(node const&, std::span<reference_value const* const> in, std::span<map_shape const>,
                 reference_value& out) const override {
    for (std::size_t i = 0; i < out.f.size(); ++i) out.f[i] = 2 * in[0]->f[i];
  }
};
// Doubled twice: the text of the kernel stands in the header once.
struct fourfold {
  template <class Builder>
  auto lower(Builder& b, typename Builder::value x) const {
    auto const y = b.own(doubled_op{}, {x}, {std::nullopt}, b.shape_of(x));
    return b.own(doubled_op{}, {y}, {std::nullopt}, b.shape_of(x));
  }
};

std::vector<float> run_on(program const& p, std::vector<float> const& x) {
  std::vector<float> y(static_cast<std::size_t>(p.output_size()));
  session(p).run(x.data(), y.data());
  return y;
}

}  // namespace

TEST_CASE("own op: runs in float, and as its slow twin does") {
  std::vector<float> const x{1, 2, 3, 4, 5, 6};
  auto const p = lower(turned{}, {3, 2});
  CHECK(run_on(p, x) == std::vector<float>{5, 6, 3, 4, 1, 2});
  CHECK(run_reference(finish(to_graph(turned{}, {3, 2})), x.data()) == std::vector<float>{5, 6, 3, 4, 1, 2});
  CHECK(!p.is_bit_exact());
}

TEST_CASE("own op: in integers where every input has a grid and a reader names that of the output") {
  grid const g{0.5f, 3};
  std::vector<float> const x{1, 2, 3, 4, 5, 6};
  auto const both = to_graph(twice{{g}, {g}}, {3, 2});
  CHECK(!finish(both).nodes.back().out_grid);  // nobody names the grid of the last one
  auto const q = finish(both);
  CHECK(std::count_if(q.nodes.begin(), q.nodes.end(), [](node const& n) { return n.own && n.out_grid; }) == 1);
  CHECK(run_on(compile(both), x) == x);
  CHECK(run_reference(q, x.data()) == x);
}

TEST_CASE("own op: a graph is refused that says own and has none") {
  graph g = to_graph(turned{}, {3, 2});
  g[1].own = nullptr;
  CHECK(petra_test::thrown<petra::shape_error>([&] { check(g); }) ==
        "deploy: own (node 1): expected an operation of its own where the kind says so, found the contrary");
}

TEST_CASE("own op: its kernel is measured where a program calls it") {
  auto const p = lower(turned{}, {3, 2});
  cost_table t;
  measure_missing(t, p, {.rounds = 1, .blocks = 1, .block_ns = 100});
  CHECK(t.latency_ns(p) > 0);
  bool found = false;
  for (auto const& [k, ns] : t.entries()) found = found || (k.kind == kernel_kind::own && k.own_name() == "turned");
  CHECK(found);
  for (auto const& k : keys_of(p))
    if (k.kind == kernel_kind::own)
      CHECK(petra_test::thrown<petra::setting_error>([&] { sample_call const call(k); }).find("own kernel") !=
            std::string::npos);
}

TEST_CASE("own op: pictures with a frame are refused, unless it knows frames") {
  read_by_both m;
  m.conv.weight.a.w = tensor<float>({2, 18});
  CHECK(petra_test::thrown<petra::stage_error>([&] {
          static_cast<void>(lower(m, {3, 3, 2}));
        }) ==
        "deploy: turned takes sequences: found a picture with a frame, 3x3x2; is it read by a convolution with "
        "padding, too?");
}

TEST_CASE("own op: a kernel that is not petra's comes with its text, once, and the header compiles alone") {
  auto const p = lower(fourfold{}, {3, 2});
  CHECK(run_on(p, {1, 2, 3, 4, 5, 6}) == std::vector<float>{4, 8, 12, 16, 20, 24});
  std::string const header = emit(p);
  auto const first = header.find("inline void doubled");
  REQUIRE(first != std::string::npos);
  CHECK(header.find("inline void doubled", first + 1) == std::string::npos);
  if (emitted::compiler().empty()) return;
  int const compiled = emitted::compile("own_kernel", header, "-O1");
  if (compiled != 0) MESSAGE(emitted::log_of("own_kernel"));
  REQUIRE(compiled == 0);
  CHECK(emitted::run("own_kernel") == 0);
}
