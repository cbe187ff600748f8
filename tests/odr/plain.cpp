#include "unit.inc"

unit plain() { return describe(); }
