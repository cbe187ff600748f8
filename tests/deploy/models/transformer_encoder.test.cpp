// Transformers over padded texts and events as programs: nn/models/transformer_encoder.hpp.
#include "petra/nn/models/transformer_encoder.hpp"

#include <doctest/doctest.h>

#include "../alike.hpp"
#include "petra/deploy/ops/embedding.hpp"
#include "petra/deploy/ops/layer_norm.hpp"
#include "petra/deploy/ops/positions.hpp"
#include "petra/deploy/ops/self_attention.hpp"

namespace {

using petra::index_t;
using petra::tensor;

// n sequences of `length` steps (id, number)[columns], cut short by zeros; the first is whole, the second empty.
tensor<float> padded(index_t n, index_t length, index_t columns, index_t ids) {
  petra::random r(7);
  tensor<float> x({n, length, columns});
  for (index_t i = 0; i < n; ++i) {
    index_t const valid = i == 0 ? length : i == 1 ? 0 : 1 + r.index(length);
    for (index_t s = 0; s < valid; ++s)
      for (index_t c = 0; c < columns; ++c)
        x[(i * length + s) * columns + c] = c == 0 ? static_cast<float>(1 + r.index(ids - 1)) : r.normal();
  }
  return x;
}

template <class Model>
void check_padded(Model m, tensor<float> const& x, std::string const& name) {
  CAPTURE(name);
  alike::randomize(m, 0.3f);
  alike::check_header(alike::check_float(m, x), x, name + "_f32");
  auto const p = alike::check_int8(m, x, 0.1);
  CHECK(p.is_bit_exact());
  alike::check_header(p, x, name + "_s8");
}

}  // namespace

TEST_CASE("lowered text_transformer: padded texts") {
  check_padded(petra::models::text_transformer<16, 2, 24, 2>(1, 20, 12, 3), padded(8, 9, 1, 20), "text_transformer");
}

TEST_CASE("lowered event_transformer: padded events") {
  std::vector<petra::data::column> columns(2);
  columns[0].ids = 20;
  check_padded(petra::models::event_transformer<16, 2, 24, 1>(1, columns, 12, 3), padded(8, 9, 2, 20),
               "event_transformer");
}
