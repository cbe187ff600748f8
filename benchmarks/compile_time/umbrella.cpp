// compile: 3 s
// What including everything costs a translation unit that uses nothing of it.
#include "petra/petra.hpp"
