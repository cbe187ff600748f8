// expect: petra: an op lives in the tape's arena and must be trivially copyable
#include <vector>
#include "petra/grad/tape.hpp"
struct op {
  std::vector<int> state;
  void forward(petra::tape<float>&, petra::node<float> const&) const {}
  void pullback(petra::tape<float>&, petra::node<float> const&) const {}
};
void push(petra::tape<float>& t, petra::var x) { t.push(op{}, {1}, {x, petra::var{}, petra::var{}, petra::var{}}); }
