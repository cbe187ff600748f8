// expect: petra: this stage needs something that no stage before it gives
#include "petra/compress/pipeline.hpp"
#include "petra/nn/dense.hpp"
namespace mine {
struct stage {
  static constexpr petra::rule law{.needs = 1024};
  static constexpr char const* name = "mine::stage";
  template <class M, class D>
  M apply(M const& m, petra::context<D> const&, petra::stage_report&) const {
    return m;
  }
};
}  // namespace mine
auto out(petra::context<petra::data::picture_set> const& c) {
  return compress(petra::assume_trained(petra::nn::dense<2, 3>{}), mine::stage{}, c);
}
