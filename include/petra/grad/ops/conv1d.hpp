// Convolution along the steps of a sequence, channels-last: a picture of one row.
// y (N,L',O) = x (N,L,C) * w (O,K,C/groups) + b (O), zero padding; w is a matrix (O, K*C/groups).
//
// Padded steps of x are zeros to it, whatever stands there. Steps of y behind its lengths are no zeros.
#pragma once
#include "petra/grad/ops/conv2d.hpp"
#include "petra/grad/ops/steps.hpp"

namespace petra::inline PETRA_ABI::ops {

struct conv1d_settings {
  index_t taps = 3, stride = 1;
  index_t before = 1, after = 1;  // zeros around the steps
  index_t groups = 1, dilation = 1;
};

// Throws: shape_error when x is no (N,L,C), its channels do not fit w, groups do not divide the outputs, a bias is not one
// number per output, or the taps do not fit the padded steps. Pre: taps, stride, groups and dilation >= 1, the pads >= 0.
template <scalar T>
var conv1d(tape<T>& t, var x, var w, var bias, conv1d_settings const& s) {
  auto const in = t.shape(x);
  index_t const columns = t.shape(w).back(), c = columns / s.taps * s.groups, o = t.shape(w)[0];
  if (in.rank != 3 || in[2] != c || columns % s.taps != 0)
    throw_error<shape_error>({"conv1d: expected (N,L,", c, ") for a weight of ", columns, " columns and ", s.taps,
                              " taps, found ", in.rank, " axes with ", in.back(), " channels"});
  if (o % s.groups != 0)
    throw_error<shape_error>({"conv1d: expected a multiple of ", s.groups, " (groups) output channels, found ", o});
  if (bias && t.shape(bias).count() != o)
    throw_error<shape_error>({"conv1d: expected ", o, " biases, found ", t.shape(bias).count()});
  kernel::conv2d_dims const d{
      in[0], 1, in[1], c, o, 1, s.taps, {1, s.stride}, {0, 0, s.before, s.after}, s.groups, {1, s.dilation}};
  if (in[1] + s.before + s.after < d.reach_w())
    throw_error<shape_error>({"conv1d: expected at least ", d.reach_w() - s.before - s.after, " steps, found ", in[1]});
  if (s.taps > 1) x = without_padding(t, x);
  var const y = t.push(conv2d_op{d, t.bf16}, {d.n, d.out_w(), d.o}, {x, w, bias});
  set_window_length(t, x, y, d.reach_w(), s.stride, s.before + s.after);
  return y;
}

}  // namespace petra::ops
