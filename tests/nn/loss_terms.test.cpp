#include "petra/nn/loss_terms.hpp"

#include <doctest/doctest.h>

#include "../thrown.hpp"
#include "petra/nn/dense.hpp"
#include "petra/nn/loss.hpp"

// No using-directive: the operators are found by argument-dependent lookup.
namespace mine {

// A loss and a regularizer of a user.
struct far_from_one {
  template <petra::scalar T>
  petra::var operator()(petra::tape<T>& t, petra::var outputs, std::int32_t const*) const {
    static constexpr float one[] = {1, 1};
    return petra::ops::pointwise_loss(t, outputs, one, petra::ops::absolute_error{});
  }
};
struct sum_of_weights {
  static constexpr char const* name = "sum";
  template <petra::scalar T>
  double add(T weight, petra::weight_view<T> const& v) const {
    double sum = 0;
    for (petra::index_t i = 0; i < v.rows * v.cols; ++i) {
      sum += static_cast<double>(v.w[i]);
      v.gradient[i] += weight;
    }
    return sum;
  }
};

inline auto losses() {
  return petra::loss::cross_entropy{} + 1e-4f * petra::regularize::group_lasso{} + 0.5f * petra::regularize::l2{};
}
inline auto own() { return far_from_one{} + 2.f * petra::regularize::l1{}; }

}  // namespace mine

namespace {

using petra::term_values;

// Terms and the gradients of weight and bias after one step of a dense<2, 2> on one sample.
struct step_result {
  double loss;
  term_values values;
  std::vector<float> weight, bias;
};
template <class Loss>
step_result step_with(Loss const& loss) {
  petra::nn::dense<2, 2> model;
  model.weight.a.w = petra::tensor<float>({2, 2}, {3, 4, 0, -2});
  model.bias = petra::tensor<float>({1, 2}, {0.5f, -0.5f});
  petra::nn::parameters known(members_of(model));
  petra::tape<float> t;
  petra::tensor<float> const x({1, 2}, {0.1f, 0.2f});
  std::int32_t const label[] = {1};
  step_result r;
  auto const y = loss.evaluate(t, model.forward(t, t.constant(x)), label, &r.values);
  t.backward(y);
  auto const now = known.gather(t);
  loss.penalize(known, now, r.values);
  r.loss = static_cast<double>(*t.value(y));
  for (auto const& p : now) {
    auto& to = p.w == &model.bias ? r.bias : r.weight;
    to.assign(p.gradient, p.gradient + p.w->size());
  }
  return r;
}

}  // namespace

TEST_CASE("loss terms: every term's value apart, weights included; gradients of matrices alone") {
  auto const plain = step_with(petra::loss::cross_entropy{} + 0.f * petra::regularize::l2{});
  auto const r = step_with(mine::losses());
  REQUIRE(r.values.size() == 3);
  CHECK(std::string(r.values[0].name) == "cross_entropy");
  CHECK(r.values[0].value == r.loss);
  CHECK(std::string(r.values[1].name) == "group_lasso");
  CHECK(r.values[1].value == doctest::Approx(1e-4 * std::sqrt(2.) * 7));
  CHECK(std::string(r.values[2].name) == "l2");
  CHECK(r.values[2].value == doctest::Approx(14.5));
  CHECK(r.bias == plain.bias);
  CHECK(r.weight[1] - plain.weight[1] == doctest::Approx(4 + 1e-4 * std::sqrt(2.) * 4 / 5).epsilon(1e-5));
}

TEST_CASE("loss terms: a list made at run time is the same") {
  auto const r = step_with(mine::losses());
  petra::regularizer_list const list{{1e-4f, petra::regularize::group_lasso{}}, {0.5f, petra::regularize::l2{}}};
  for (auto const& x :
       {step_with(petra::loss::cross_entropy{} + list), step_with(list + petra::loss::cross_entropy{})}) {
    CHECK(x.weight == r.weight);
    REQUIRE(x.values.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
      CHECK(std::string(x.values[i].name) == r.values[i].name);
      CHECK(x.values[i].value == r.values[i].value);
    }
  }
  // A list may have a weight of its own.
  CHECK(step_with(petra::loss::cross_entropy{} + 2.f * list).values[2].value == doctest::Approx(29));
  CHECK(step_with(petra::loss::cross_entropy{} + petra::regularizer_list{}).values.size() == 1);
}

TEST_CASE("loss terms: what reads the gradient of the loss comes first, wherever it stands") {
  auto const before =
      step_with(petra::loss::cross_entropy{} + 1.f * petra::regularize::adaptive{} + 3.f * petra::regularize::l1{});
  auto const after =
      step_with(petra::loss::cross_entropy{} + 3.f * petra::regularize::l1{} + 1.f * petra::regularize::adaptive{});
  CHECK(before.weight == after.weight);
  CHECK(before.values[1].value == after.values[2].value);
}

TEST_CASE("loss terms: losses add up, a user's terms too") {
  auto const sum = step_with(0.25f * petra::loss::cross_entropy{} + 0.75f * petra::loss::mse{});
  auto const one = step_with(petra::loss::cross_entropy{} + 0.f * petra::regularize::l1{});
  REQUIRE(sum.values.size() == 2);
  CHECK(sum.values[0].value == doctest::Approx(0.25 * one.loss));
  CHECK(sum.loss == doctest::Approx(sum.values[0].value + sum.values[1].value));
  auto const own = step_with(mine::own() + petra::operator*(3.f, mine::sum_of_weights{}));
  CHECK(std::string(own.values[0].name) == "loss");
  CHECK(own.values[1].value == 18);
  CHECK(std::string(own.values[2].name) == "sum");
  CHECK(own.values[2].value == 15);
}

TEST_CASE("loss terms: a weight is a number >= 0") {
  CHECK(petra_test::says(petra_test::thrown<petra::setting_error>([] { -1.f * petra::regularize::l1{}; }),
                         "loss: expected a weight >= 0 of a term, found -1"));
  CHECK_THROWS_AS(NAN * petra::loss::mse{}, petra::setting_error);
}
