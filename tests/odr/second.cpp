#include "unit.inc"

unit second() { return describe(); }
