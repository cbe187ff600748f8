// What every translation unit of the ODR test reports of itself: which petra it was compiled with, where that petra's one
// inline variable lives, and the sum of a small tensor, so that code of each instruction set runs.
#pragma once

struct unit {
  char const* abi;
  void const* on_violation;
  float sum;
};

unit first();
unit second();
unit plain();
