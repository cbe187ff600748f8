#include "petra/deploy/built_in_costs.hpp"

#include <doctest/doctest.h>

using namespace petra::deploy;

TEST_CASE("built-in costs: of this instruction set, every call once, all forms known") {
  cost_table const& t = built_in_costs();
  CHECK(t.instruction_set() == instruction_set());
  CHECK(t.entries().size() == std::size(built_in_data::built_in));
  CHECK(&t == &built_in_costs());
  using enum kernel_kind;
  for (kernel_kind const k : {conv2d_f32, winograd_f32, conv2d_s8, dense_s8_f32, dense_s4_s8, dense_s4_s8_f32,
                              dense_low_rank_f32, dense_low_rank_s8})
    CHECK(t.knows(k));
  for (cost_entry const& e : t.entries()) CHECK(e.ns > 0);
}

TEST_CASE("built-in costs: Winograd is for many channels") {
  auto const conv = [](kernel_kind k, petra::index_t size, petra::index_t c) {
    return cost_key{k, {size, size, c}, {size, size, c}, 3, 3, 1, 1, 1};
  };
  cost_table const& t = built_in_costs();
  CHECK(t.ns(conv(kernel_kind::winograd_f32, 16, 128)) < t.ns(conv(kernel_kind::conv2d_f32, 16, 128)));
}
