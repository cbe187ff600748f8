// Layers of sequences on every structure with every slot.
#include "combinations.hpp"

#include "petra/nn/embedding.hpp"
#include "petra/nn/gru.hpp"
#include "petra/nn/lstm.hpp"
#include "petra/nn/self_attention.hpp"

namespace {

using namespace combinations;

template <index_t Gates>
struct recurrent_weights {
  static constexpr bool linear = false;
  static constexpr index_t ids = 0;
  static constexpr petra::shape input{2, 4, 3};
  template <class L, class F>
  static void weights(L& l, F f) {
    f(l.input_weight, 4 * Gates, 3);
    f(l.state_weight, 4 * Gates, 4);
  }
  template <class L, class F>
  static void biases(L& l, F f) {
    f(l.input_bias);
    if constexpr (L::two_biases) f(l.state_bias);
  }
};
struct a_gru : recurrent_weights<3> {
  template <class W>
  using layer = gru<3, 4, recurrent_settings{}, W>;
};
struct an_lstm : recurrent_weights<4> {
  template <class W>
  using layer = lstm<3, 4, recurrent_settings{}, W>;
};
struct an_attention {
  template <class W>
  using layer = self_attention<4, 2, false, W>;
  static constexpr bool linear = false;
  static constexpr index_t ids = 0;
  static constexpr petra::shape input{2, 3, 4};
  template <class L, class F>
  static void weights(L& l, F f) {
    f(l.qkv_weight, 12, 4);
    f(l.out_weight, 4, 4);
  }
  template <class L, class F>
  static void biases(L& l, F f) {
    f(l.qkv_bias);
    f(l.out_bias);
  }
};
struct an_embedding {
  template <class W>
  using layer = embedding<5, 3, W>;
  static constexpr bool linear = true;
  static constexpr index_t ids = 5;
  static constexpr petra::shape input{2, 4, 1};
  template <class L, class F>
  static void weights(L& l, F f) {
    f(l.table_weight, 5, 3);
  }
  template <class L, class F>
  static void biases(L&, F) {}
};

}  // namespace

TEST_CASE("layers x structures x slots: layers of sequences") {
  CHECK(check_all<type_list<a_gru, an_lstm, an_attention, an_embedding>>() == 84);
}
