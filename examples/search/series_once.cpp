// compile: 30 s, 2 GB
#define SERIES_ONCE template
#include "series_once.hpp"
