// expect: petra: a layer of this sequential has no static constexpr trace(channel_plan&, int)
// expect: mine::square
#include "petra/compress/prune/channels.hpp"
#include "petra/nn/conv2d.hpp"
namespace mine {
struct square {
  template <petra::scalar T>
  petra::var forward(petra::tape<T>&, petra::var x) {
    return x;
  }
};
static_assert(petra::nn::layer<square>);
}  // namespace mine
auto out(petra::context<petra::data::picture_set> const& c) {
  using namespace petra::nn;
  return compress(petra::assume_trained(sequential{conv2d<1, 8>{}, mine::square{}, conv2d<8, 2>{}}),
                  petra::prune::channels{}, c);
}
