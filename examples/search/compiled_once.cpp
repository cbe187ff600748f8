// compile: 30 s, 2 GB
#define COMPILED_ONCE template
#include "compiled_once.hpp"
