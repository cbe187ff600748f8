// The same stages as a static pipeline and as a genome of a search: do they give the same program, bit for bit?
#pragma once
#include <doctest/doctest.h>

#include "../compress/sample.hpp"
#include "petra/deploy/execute.hpp"
#include "petra/deploy/lower.hpp"
#include "petra/search/space.hpp"

namespace petra_test {

struct outcome {
  index_t size_bytes, macs, arena_bytes;
  std::vector<float> logits;
  friend bool operator==(outcome const&, outcome const&) = default;
};

// The lowered program, and what it says about every sample.
template <class Model>
outcome run(Model const& m, picture_set const& set) {
  auto const p = petra::deploy::lower(m, set.sample_shape());
  petra::deploy::session s(p);
  std::vector<float> x(static_cast<std::size_t>(p.input_size())), y(static_cast<std::size_t>(p.output_size()));
  outcome o{p.size_bytes(), p.macs(), p.arena_bytes(), {}};
  for (index_t i = 0; i < set.size(); ++i) {
    set.read(i, x.data());
    s.run(x.data(), y.data());
    o.logits.insert(o.logits.end(), y.begin(), y.end());
  }
  return o;
}

// Space: a petra::search::space; its genome is applied as the search does it.
template <class Space, class Model, class... S>
void check_same(Model const& model, S const&... stages) {
  auto const data = pictures(48), held_out = pictures(8, 2);
  auto const fixed = compress(model, (stages | ...), context_of(data));
  auto c = context_of(data);
  auto free = Space::open(model);
  for (typename Space::gene const& gene : typename Space::genome{stages...}) {
    ++c.position;
    free = Space::apply(gene, free, c);
  }
  outcome const a = run(fixed.model, held_out), b = run(free, held_out);
  CHECK(a.size_bytes == b.size_bytes);
  CHECK(a.macs == b.macs);
  CHECK(a.arena_bytes == b.arena_bytes);
  CHECK(a.logits == b.logits);
}

}  // namespace petra_test
