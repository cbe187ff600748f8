#include "petra/deploy/compile.hpp"

#include <doctest/doctest.h>

#include "sample_graphs.hpp"

using namespace petra::deploy;

TEST_CASE("compile: a broken graph is refused") {
  graph g = sample::resnet8(true);
  g[5].reads.clear();
  CHECK_THROWS_AS((void)compile(g), petra::stage_error);
  CHECK_THROWS_AS((void)compile(graph{}), petra::shape_error);
}

TEST_CASE("compile: a step of another form than dense knows who runs it, and only such a step") {
  program const p = compile(sample::products(true, 7), {.wanted = form::int4});
  for (step const& s : p.steps()) CHECK((s.call != nullptr) == is_form(s.kind));
  program const dense = compile(sample::products(true, 7), {.forms = nullptr});
  for (step const& s : dense.steps()) {
    bool const called = s.call != nullptr;
    CHECK_FALSE(called);
  }
}
