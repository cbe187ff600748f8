// Every op of petra in one list: the gradient check of the tests is generated from it. A new op is added here.
#pragma once
#include "petra/core/type_list.hpp"
#include "petra/grad/ops/activation.hpp"
#include "petra/grad/ops/add.hpp"
#include "petra/grad/ops/add_scaled.hpp"
#include "petra/grad/ops/batch_norm.hpp"
#include "petra/grad/ops/concat.hpp"
#include "petra/grad/ops/conv2d.hpp"
#include "petra/grad/ops/cross_entropy.hpp"
#include "petra/grad/ops/divergence.hpp"
#include "petra/grad/ops/dropout.hpp"
#include "petra/grad/ops/embedding.hpp"
#include "petra/grad/ops/fake_quantize.hpp"
#include "petra/grad/ops/focal.hpp"
#include "petra/grad/ops/gather.hpp"
#include "petra/grad/ops/gru.hpp"
#include "petra/grad/ops/layer_norm.hpp"
#include "petra/grad/ops/lstm.hpp"
#include "petra/grad/ops/matmul.hpp"
#include "petra/grad/ops/mse.hpp"
#include "petra/grad/ops/multiply.hpp"
#include "petra/grad/ops/one_step.hpp"
#include "petra/grad/ops/pack_steps.hpp"
#include "petra/grad/ops/pair_loss.hpp"
#include "petra/grad/ops/pointwise_loss.hpp"
#include "petra/grad/ops/pool.hpp"
#include "petra/grad/ops/pool1d.hpp"
#include "petra/grad/ops/positions.hpp"
#include "petra/grad/ops/product.hpp"
#include "petra/grad/ops/relu.hpp"
#include "petra/grad/ops/reshape.hpp"
#include "petra/grad/ops/scale_channels.hpp"
#include "petra/grad/ops/self_attention.hpp"
#include "petra/grad/ops/slice.hpp"
#include "petra/grad/ops/softmax.hpp"
#include "petra/grad/ops/steps.hpp"
#include "petra/grad/ops/unit_length.hpp"

namespace petra::inline PETRA_ABI {

// Ops that carry an `example`. fake_quantize is not among them: its gradient is by definition not its derivative.
template <scalar T>
using op_rules =
    type_list<ops::activation_op<kernel::activations::gelu>, ops::activation_op<kernel::activations::gelu_tanh>,
              ops::activation_op<kernel::activations::hard_swish>, ops::activation_op<kernel::activations::leaky_relu>,
              ops::activation_op<kernel::activations::relu6>, ops::activation_op<kernel::activations::sigmoid>,
              ops::activation_op<kernel::activations::silu>, ops::activation_op<kernel::activations::tanh>, ops::add_op,
              ops::add_scaled_op<T>, ops::avg_pool1d_op, ops::avg_pool_op, ops::batch_norm_op<T>, ops::concat_op,
              ops::conv2d_op, ops::cross_entropy_op<T>, ops::divergence_op<T>, ops::dropout_op, ops::embedding_op,
              ops::focal_op<T>, ops::gather_op, ops::layer_norm_op<T>, ops::matmul_op, ops::max_pool1d_op,
              ops::max_pool_op, ops::mse_op, ops::multiply_op, ops::one_step_op, ops::pack_steps_op,
              ops::pair_loss_op<T>, ops::pointwise_loss_op<T, ops::absolute_error>,
              ops::pointwise_loss_op<T, ops::huber_error>, ops::pointwise_loss_op<T, ops::logistic_error>,
              ops::pointwise_loss_op<T, ops::reweighted_square>, ops::positions_op, ops::product_op,
              ops::recurrent_op<T, kernel::gru_cell>, ops::recurrent_op<T, kernel::lstm_cell>, ops::relu_op,
              ops::reshape_op, ops::scale_channels_op, ops::self_attention_op<T>, ops::slice_op, ops::softmax_op,
              ops::unit_length_op, ops::without_padding_op>;

}  // namespace petra
