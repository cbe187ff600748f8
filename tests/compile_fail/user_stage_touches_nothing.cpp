// expect: petra: this stage touches nothing in this model: no weight or tensor has the slot or structure it rewrites
#include "petra/compress/pipeline.hpp"
#include "petra/nn/dense.hpp"
namespace mine {
struct unmask {
  static constexpr petra::rule law{};
  static constexpr char const* name = "mine::unmask";
  template <class Leaf>
  petra::nn::no_mask rewrite(petra::nn::mask const&, Leaf const&) const {
    return {};
  }
};
}  // namespace mine
auto out(petra::context<petra::data::picture_set> const& c) {
  return compress(petra::nn::dense<2, 3>{}, mine::unmask{}, c);
}
