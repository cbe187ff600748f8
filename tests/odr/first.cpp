#include "unit.inc"

unit first() { return describe(); }
