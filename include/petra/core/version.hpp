// The version of petra as values.
#pragma once
#include "petra/core/config.hpp"

namespace petra::inline PETRA_ABI {

inline constexpr int version_major = PETRA_VERSION / 10000;
inline constexpr int version_minor = PETRA_VERSION / 100 % 100;
inline constexpr int version_patch = PETRA_VERSION % 100;
inline constexpr char version[] = {'0' + version_major, '.', '0' + version_minor, '.', '0' + version_patch, '\0'};

}  // namespace petra
