// The convolutional network for sentences as a program: nn/models/text_cnn.hpp.
#include "petra/nn/models/text_cnn.hpp"

#include <doctest/doctest.h>

#include "../alike.hpp"
#include "petra/deploy/ops/concat.hpp"
#include "petra/deploy/ops/conv1d.hpp"
#include "petra/deploy/ops/embedding.hpp"

// The first text is whole, the second empty, the third one word, shorter than every window.
TEST_CASE("lowered text_cnn: padded texts, also shorter than a window") {
  constexpr petra::index_t n = 8, length = 9;
  petra::random r(7);
  petra::tensor<float> x({n, length, 1});
  for (petra::index_t i = 0; i < n; ++i) {
    petra::index_t const valid = i == 0 ? length : i == 1 ? 0 : i == 2 ? 1 : 1 + r.index(length);
    for (petra::index_t s = 0; s < valid; ++s) x[i * length + s] = static_cast<float>(1 + r.index(19));
  }
  auto m = petra::models::text_cnn<12, 3, 10>(1, petra::nn::embedding<20, 12>{});
  alike::randomize(m, 0.3f);
  alike::check_header(alike::check_float(m, x), x, "text_cnn_f32");
  auto const p = alike::check_int8(m, x);
  CHECK(p.is_bit_exact());
  alike::check_header(p, x, "text_cnn_s8");
}
