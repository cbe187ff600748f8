// Small tasks for models of sequences: events whose class is told by an id somewhere in a sequence of unequal length.
#pragma once
#include "petra/core/random.hpp"
#include "petra/data/sequences.hpp"
#include "petra/nn/loss.hpp"
#include "petra/nn/optimizer.hpp"

namespace petra_test {

using petra::index_t;

// Events (n,steps,2): an id in [1, ids), and a number. Class 1: id 2 occurs.
struct sequence_task {
  petra::tensor<float> x;
  std::vector<std::int32_t> label;
  sequence_task(index_t n, index_t steps, index_t ids, index_t columns) : x({n, steps, columns}) {
    petra::random r(5);
    for (index_t i = 0; i < n; ++i) {
      index_t const used = steps / 2 + r.index(steps - steps / 2) + 1;
      bool const marked = i % 2 == 1;
      for (index_t s = 0; s < used; ++s) {
        float* const at = x.data() + (i * steps + s) * columns;
        index_t const id = 1 + r.index(ids - 1);
        at[0] = id == 2 ? 1.f : static_cast<float>(id);
        if (columns > 1) at[1] = r.normal();
      }
      if (marked) x.data()[(i * steps + r.index(used)) * columns] = 2;
      label.push_back(marked ? 1 : 0);
    }
  }
  // The events' columns: ids and numbers.
  static std::vector<petra::data::column> columns(index_t ids) {
    std::vector<petra::data::column> c(2);
    c[0].ids = ids;
    return c;
  }
};

// The loss after so many steps of Adam on the whole task.
template <class Model>
float loss_after(Model& model, sequence_task const& task, int steps, float rate) {
  petra::tape<float> t;
  petra::nn::optimizer optimizer{petra::adam{}};
  float value = 0;
  for (int i = 0; i <= steps; ++i) {
    t.reset();
    petra::var const l = petra::loss::cross_entropy{}(t, model.forward(t, t.constant(task.x)), task.label.data());
    value = *t.value(l);
    t.backward(l);
    optimizer.begin_step();
    for (auto const& n : t.nodes())
      if (n.parameter != nullptr && n.grad != nullptr) optimizer.update(*n.parameter, n.grad, rate);
  }
  return value;
}

}  // namespace petra_test
