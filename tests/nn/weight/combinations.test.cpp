// Dense layers and convolutions on every structure with every slot.
#include "combinations.hpp"

#include "petra/nn/conv1d.hpp"
#include "petra/nn/conv2d.hpp"
#include "petra/nn/dense.hpp"

namespace {

using namespace combinations;

struct a_dense : one_weight<4, 5> {
  template <class W>
  using layer = dense<5, 4, W>;
  static constexpr petra::shape input{3, 5};
};
struct a_conv2d : one_weight<4, 18> {
  template <class W>
  using layer = conv2d<2, 4, window{.size = 3, .stride = 2}, W>;
  static constexpr petra::shape input{2, 4, 3, 2};
};
struct a_pointwise_conv2d : one_weight<4, 3> {
  template <class W>
  using layer = conv2d<3, 4, window{.size = 1}, W>;
  static constexpr petra::shape input{2, 3, 2, 3};
};
struct a_conv1d : one_weight<4, 6> {
  template <class W>
  using layer = conv1d<2, 4, window{.size = 3, .dilation = 2}, W>;
  static constexpr petra::shape input{2, 3, 2};
};

}  // namespace

TEST_CASE("layers x structures x slots: dense layers and convolutions") {
  CHECK(check_all<type_list<a_dense, a_conv2d, a_pointwise_conv2d, a_conv1d>>() == 84);
}
