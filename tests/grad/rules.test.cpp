#include "petra/grad/rules.hpp"

#include <doctest/doctest.h>

#include <typeinfo>

#include "petra/grad/check.hpp"

TEST_CASE("rules: the gradient of every op against central differences") {
  int checked = 0;
  petra::op_rules<double>::for_each([&]<class Op>(std::type_identity<Op>) {
    for (std::uint64_t seed : {1u, 2u}) {
      CAPTURE(typeid(Op).name());
      CAPTURE(seed);
      double const worst = petra::gradient_error([&](petra::tape<double>& t) {
        petra::random r(seed);
        return Op::example(t, r);
      });
      CHECK(worst < 1e-6);
    }
    ++checked;
  });
  CHECK(checked == 46);
}

// The list is by type: the same ops exist for float, and give the same value up to rounding.
TEST_CASE("rules: every op in float agrees with itself in double") {
  std::vector<double> in_double;
  petra::op_rules<double>::for_each([&]<class Op>(std::type_identity<Op>) {
    petra::tape<double> t;
    petra::random r(5);
    petra::var const y = Op::example(t, r);
    for (petra::index_t i = 0; i < t.shape(y).count(); ++i) in_double.push_back(t.value(y)[i]);
  });
  std::size_t at = 0;
  petra::op_rules<float>::for_each([&]<class Op>(std::type_identity<Op>) {
    petra::tape<float> t;
    petra::random r(5);
    petra::var const y = Op::example(t, r);
    for (petra::index_t i = 0; i < t.shape(y).count(); ++i, ++at)
      CHECK(std::abs(in_double[at] - static_cast<double>(t.value(y)[i])) < 1e-4);
  });
  CHECK(at == in_double.size());
}
