// Models of events from their first layer to the header: padded sequences of several lengths.
#include <doctest/doctest.h>

#include "alike.hpp"
#include "petra/compress/prune/channels.hpp"
#include "petra/deploy/ops/embedding.hpp"
#include "petra/deploy/ops/recurrent.hpp"
#include "petra/deploy/ops/unit_length.hpp"
#include "petra/nn/models/gru_encoder.hpp"
#include "petra/nn/models/lstm_encoder.hpp"

using petra::index_t;
using petra::tensor;

namespace {

std::vector<petra::data::column> event_columns() {
  return {{.name = "what", .ids = 20}, {.name = "how much"}, {.name = "where", .ids = 7}, {.name = "when"}};
}

// n sequences of 40 steps, of lengths 40 .. 0.
tensor<float> events_of_lengths(index_t n) {
  constexpr index_t steps = 40;
  petra::random r(8);
  tensor<float> x({n, steps, 4});
  for (index_t i = 0; i < n; ++i)
    for (index_t t = 0; t < (n - 1 - i) * steps / (n - 1); ++t) {
      float const step[] = {static_cast<float>(1 + r.index(19)), r.normal(), static_cast<float>(r.index(7)),
                            2 * r.normal()};
      std::copy_n(step, 4, x.data() + (i * steps + t) * 4);
    }
  return x;
}

// As after a training: embeddings and gates of some size.
template <class Model>
Model larger(Model m) {
  petra::nn::for_each_member(m, []<class M>(std::string const& path, M& x) {
    if constexpr (std::same_as<M, tensor<float>>)
      if (!path.ends_with("bias"))
        for (float& v : x) v *= 1.5f;
  });
  return m;
}

template <class Model>
void check_events(Model const& m, std::string const& name, bool exact) {
  CAPTURE(name);
  auto const model = larger(m);
  auto const x = events_of_lengths(12);
  auto const f = alike::check_float(model, x);
  auto const q = alike::check_int8(model, x, 0.03);
  CHECK(q.is_bit_exact() == exact);
  CHECK(5 * q.size_bytes() < 2 * f.size_bytes());  // gates carry factors beside their weights
  alike::check_header(f, x, name + "_f32");
  alike::check_header(q, x, name + "_s8");
}

}  // namespace

TEST_CASE("models of events: GRU") {
  check_events(petra::models::gru_encoder<24>(1, event_columns(), 3), "gru_encoder", true);
  check_events(petra::models::gru_embedder<24>(1, event_columns()), "gru_embedder", false);
}
TEST_CASE("models of events: LSTM") {
  check_events(petra::models::lstm_encoder<24>(1, event_columns(), 3), "lstm_encoder", true);
}
TEST_CASE("models of events: half of the units pruned") {
  auto half = [](auto const& m) {
    petra::context<alike::samples> const no_data;
    return petra::compress(petra::assume_trained(m), petra::prune::channels{.ratio = 0.5f}, no_data).model;
  };
  check_events(half(petra::models::gru_encoder<48>(1, event_columns(), 3)), "gru_encoder_pruned", true);
  check_events(half(petra::models::lstm_encoder<48>(1, event_columns(), 3)), "lstm_encoder_pruned", true);
}
