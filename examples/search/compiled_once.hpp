// What every domain trains with and no domain has of its own: compiled in compiled_once.cpp, a quarter of each domain's time.
// Include it after petra's headers and before what trains.
#pragma once
#include "petra/petra.hpp"

#if !defined(COMPILED_ONCE)
#define COMPILED_ONCE extern template
#endif

namespace petra {

COMPILED_ONCE class tape<float>;

}  // namespace petra

namespace petra::ops {

COMPILED_ONCE var add<float>(tape<float>&, var, var);
COMPILED_ONCE var add_scaled<float>(tape<float>&, var, var, float);
COMPILED_ONCE var batch_norm<float>(tape<float>&, var, var, var, float*, float*, float, float, bool);
COMPILED_ONCE var conv2d<kernel::conv2d_dims, float>(tape<float>&, var, var, var, conv2d_settings const&);
COMPILED_ONCE var conv2d<kernel::ungrouped_dims, float>(tape<float>&, var, var, var, conv2d_settings const&);
COMPILED_ONCE var cross_entropy<float>(tape<float>&, var, std::int32_t const*, float, float const*);
COMPILED_ONCE var fake_quantize<float>(tape<float>&, var, float const*, bool, float, float, float);
COMPILED_ONCE var matmul<float>(tape<float>&, var, var, var);
COMPILED_ONCE var mse<float>(tape<float>&, var, var);
COMPILED_ONCE var relu<float>(tape<float>&, var);
COMPILED_ONCE var reshape<float>(tape<float>&, var, petra::shape);
COMPILED_ONCE var pack_steps<float>(tape<float>&, var);
COMPILED_ONCE var unpack_steps<float>(tape<float>&, var, var);
COMPILED_ONCE var without_padding<float>(tape<float>&, var);

}  // namespace petra::ops

namespace petra::nn {

COMPILED_ONCE void clip_gradients<void>(std::span<trainable const>, clip const&);

}  // namespace petra::nn

namespace petra::linalg {

COMPILED_ONCE svd_result svd<float const>(view<float const, extents<dyn, dyn>>);

}  // namespace petra::linalg

namespace petra::search {

COMPILED_ONCE json to_json<void>(journal_header const&);
COMPILED_ONCE json to_json<void>(journal_entry const&);
COMPILED_ONCE std::vector<survivor> select<void>(std::span<contender const>, index_t);

}  // namespace petra::search
