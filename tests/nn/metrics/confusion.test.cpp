#include "petra/nn/metrics/confusion.hpp"

#include <doctest/doctest.h>

using namespace petra;

TEST_CASE("confusion: rows are labels, columns what they were taken for") {
  // Taken for 1, 0, 0 (the first of equal ones), 2, 2.
  std::vector<float> const logits{1, 3, 2, 5, 4, 0, 7, 7, 7, 0, 1, 2, 0, 0, 1};
  std::vector<std::int32_t> const labels{1, 0, 1, 2, 1};
  auto const m = metric::confusion(logits, labels, 3);
  CHECK(m.count == std::vector<index_t>{1, 0, 0, 1, 1, 1, 0, 0, 1});
  CHECK(m(1, 0) == 1);
  CHECK(m(0, 1) == 0);
  CHECK(m.labeled(1) == 3);
  CHECK(m.labeled(2) == 1);
  CHECK(m.predicted(1) == 1);
  CHECK(m.predicted(2) == 2);
}

TEST_CASE("confusion: the table") {
  metric::confusion_matrix const m{2, {10, 1, 1234567, 0}};
  CHECK(m.text() == "     10      1  0\n 1234567      0  1\n");
  std::vector<std::string> const names{"ham", "spam"};
  CHECK(m.text(names) == "     10      1  ham\n 1234567      0  spam\n");
}
