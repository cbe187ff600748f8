// expect: petra: the closure of this place under the space's stages does not end: a stage must set a slot of the weight or replace its structure, not wrap it again
#include "petra/search/space.hpp"
namespace mine {
template <class W>
struct wrapped {
  W inner;
};
struct wrap {
  static constexpr petra::rule law{};
  static constexpr char const* name = "mine::wrap";
  template <class W>
  wrapped<W> rewrite(W const& w) const {
    return {w};
  }
};
}  // namespace mine
using weight = petra::search::parts<mine::wrap>::weight_type;
weight const w{};
