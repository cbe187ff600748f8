// Counter-based random numbers: the n-th number of a stream is a pure function of (key, n), so a result never depends on
// the thread or the order in which it was asked for. Nothing seeds from a clock; there is no global generator.
//
// Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014 (the SplitMix64 finalizer).
#pragma once
#include <cmath>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "petra/core/extents.hpp"

namespace petra::inline PETRA_ABI {

constexpr std::uint64_t mix(std::uint64_t z) noexcept {
  z += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

// Key of a sub-stream: key(seed, candidate, stage, step). The order of the parts matters.
template <class... Part>
constexpr std::uint64_t key(std::uint64_t seed, Part... part) noexcept {
  ((seed = mix(seed ^ mix(static_cast<std::uint64_t>(part) + 0x632be59bd9b4e019u))), ...);
  return seed;
}

// FNV-1a; for names and files, not for adversaries.
constexpr std::uint64_t hash(std::string_view text, std::uint64_t h = 0xcbf29ce484222325u) noexcept {
  for (char const c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return h;
}

class random {
 public:
  constexpr explicit random(std::uint64_t key) noexcept : key_(key) {}

  constexpr std::uint64_t next() noexcept { return mix(key_ ^ mix(counter_++)); }
  // In [0, 1), 24 bits: exact in float.
  constexpr float uniform() noexcept { return static_cast<float>(next() >> 40) * 0x1p-24f; }
  constexpr float uniform(float lo, float hi) noexcept { return lo + (hi - lo) * uniform(); }
  // In [0, n). Pre: n > 0. The bias of the multiplication is below n / 2^32.
  constexpr index_t index(index_t n) noexcept {
    return static_cast<index_t>(((next() >> 32) * static_cast<std::uint64_t>(n)) >> 32);
  }
  // Standard normal (Box, Muller 1958).
  float normal() noexcept {
    float const u = 1.f - uniform();  // (0, 1]: the logarithm is finite
    float const v = uniform();
    return std::sqrt(-2.f * std::log(u)) * std::cos(6.2831853f * v);
  }
  // Fisher-Yates.
  template <class T>
  constexpr void shuffle(std::span<T> s) noexcept {
    for (auto n = static_cast<index_t>(s.size()); n > 1; --n)
      std::swap(s[static_cast<std::size_t>(n - 1)], s[static_cast<std::size_t>(index(n))]);
  }

 private:
  std::uint64_t key_;
  std::uint64_t counter_ = 0;
};

}  // namespace petra
